import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/main/core/app';
import { tableFormats } from '../../../src/shared/ratings/results';
import { type AppParts } from '../../../src/main/core/services';
import { csvFixture } from '../../fixtures/csv';
import { noEngine } from '../core/sessions/world';
import { sampleResults } from '../core/analysis/tables/sample-results';
import { coreOn } from '../core/core-on';
import { id } from '../core/storage/helpers';
import { newLabel, newRater, newStudy } from '../core/storage/rating-helpers';
import { type StubApp, stubApp } from '../core/stub-app';
import { cli } from './world';

const { study: record } = sampleResults();
const names = join(import.meta.dirname, '../../fixtures/names');
let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-ratings-'));
  data = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A command on a data directory, without any engine. */
const run = (...argv: string[]) =>
  cli([...argv, '--data', data], {
    openApp: ({ dataDir, access }) =>
      createApp({ dataDir, access, shell: 'cli', startEngine: noEngine, recover: 'park' }),
  });

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const required = 'study,dataset,image,method,question,rater,label';
const small = () =>
  file(
    'small.csv',
    [
      required,
      'Elsewhere,MNIST,1,smoothgrad,visual-coherence,a,High',
      'Elsewhere,MNIST,1,smoothgrad,visual-coherence,b,Very High',
      'Elsewhere,MNIST,2,smoothgrad,visual-coherence,a,high',
      'Elsewhere,MNIST,2,smoothgrad,visual-coherence,b,Medium',
      'Elsewhere,MNIST,1,"lime, ours",visual-coherence,a,Low',
      'Elsewhere,MNIST,1,"lime, ours",visual-coherence,b,Very Low',
      '',
    ].join('\n'),
  );

describe('ratings from elsewhere, on an empty data directory without an engine', () => {
  test('give tables with agreement, and once more change nothing', async () => {
    const path = small();
    const first = await run('ratings', 'import', path, '--json');
    expect(first.exit).toBe(0);
    expect(first.json()).toMatchObject({
      command: 'ratings import',
      ...{ rows: 6, added: 6, unchanged: 0 },
      studies: [{ name: 'Elsewhere', created: true }],
    });
    const again = await run('ratings', 'import', path);
    expect(again.stdout).toContain('6 rows: 0 added, 6 there already.');

    const tables = await run('tables', '--study', 'Elsewhere', '--format', 'json');
    expect(tables.exit).toBe(0);
    expect(tables.stderr).toBe('');
    expect(tables.json()).toMatchObject({
      study: { name: 'Elsewhere', origin: 'imported' },
      tables: [
        {
          ...{ question: 'visual-coherence', dataset: 'MNIST', method: 'smoothgrad' },
          ...{ median: 4, label: 'High', mean: 4, n: 4, paper: 'Medium' },
          distribution: [0, 0, 1, 2, 1],
        },
        { method: 'lime, ours', median: 1, label: 'Very Low', mean: 1.5, n: 2, paper: null },
        { question: 'edge-differentiation', n: 0 },
        { question: 'edge-differentiation', n: 0 },
      ],
    });
    const { agreement, correlation } = tables.json();
    expect(agreement).toContainEqual(
      expect.objectContaining({ statistic: 'krippendorff-alpha-ordinal', dataset: 'MNIST' }),
    );
    expect(agreement).toContainEqual(expect.objectContaining({ statistic: 'percent-agreement' }));
    expect(correlation).toContainEqual(
      expect.objectContaining({ against: 'edge-differentiation', statistic: 'spearman' }),
    );
    // With --json too it is one object, the same.
    const json = await run('tables', '--study', 'Elsewhere', '--format', 'json', '--json');
    expect(json.json()).toEqual(tables.json());
  });

  test('give every format, on stdout or in a file', async () => {
    await run('ratings', 'import', small());
    for (const format of tableFormats) {
      const out = join(folder, 'out', `tables.${format}`);
      const wrote = await run('tables', '--study', 'elsewhere', '--format', format, '--out', out);
      expect(wrote.stdout).toBe(`Written to ${out}.\n`);
      if (format === 'png') continue;
      const said = await run('tables', '--study', 'Elsewhere', '--format', format);
      expect(said.stdout).toBe(readFileSync(out, 'utf8'));
      const json = await run('tables', '--study', 'Elsewhere', '--format', format, '--json');
      if (format !== 'json') expect(json.json()['content']).toBe(said.stdout);
    }
    const into = await run('tables', '--study', 'Elsewhere', '--format', 'csv', '--out', folder);
    expect(into.stdout).toBe(`Written to ${join(folder, 'elsewhere-tables.csv')}.\n`);
  });

  test('can be filtered, exported and taken back', async () => {
    await run('ratings', 'import', small());
    const filtered = await run(
      ...['tables', '--study', 'Elsewhere', '--format', 'json', '--raters', 'a'],
      ...['--images', 'MNIST/1'],
    );
    expect(filtered.json()).toMatchObject({
      counted: 2,
      filters: { raters: ['a'], images: ['MNIST/1'] },
    });
    const out = join(folder, 'labels.csv');
    await run('ratings', 'export', '--study', 'Elsewhere', '--out', out);
    const said = await run('ratings', 'export', '--study', 'Elsewhere');
    expect(said.stdout).toBe(readFileSync(out, 'utf8'));
    expect(said.stdout).toContain(
      'Elsewhere,MNIST,2,smoothgrad,visual-coherence,a,,,main,High,4,,',
    );
    expect((await run('ratings', 'import', out)).stdout).toContain('0 added, 6 there already');
  });

  test.each([
    [
      'a label that is none',
      `${required}\nE,d,1,m,visual-coherence,a,Great\n`,
      /Line 2, column label: "Great"/,
    ],
    [
      'a row twice',
      `${required}\nE,d,1,m,visual-coherence,a,Low\nE,d,1,m,visual-coherence,a,Low\n`,
      /Line 3 rates the same as line 2/,
    ],
    ['a column less', 'study,dataset\nE,d\n', /no column image/],
    [
      'an unknown question',
      `${required}\nE,d,1,m,beauty,a,Low\n`,
      /Line 2, column question: "beauty"/,
    ],
    ['no text', new Uint8Array([0xff, 0xfe, 0x00]), /not UTF-8/],
    ['nothing', '', /a file that is not empty/],
  ])('refuse %s as a whole', async (_what, content, message) => {
    const path = file('bad.csv', content);
    const plain = await run('ratings', 'import', path);
    expect(plain.exit).toBe(1);
    expect(plain.stdout).toBe('');
    expect(plain.stderr).toMatch(message);
    const json = await run('ratings', 'import', path, '--json');
    expect(json.exit).toBe(1);
    expect(json.json()).toMatchObject({ error: { code: 'invalid-input' } });
    expect((await run('studies', 'list', '--json')).json()).toMatchObject({ studies: [] });
  });

  test('read beside an open app, and do not write there', async () => {
    await run('ratings', 'import', small());
    const app = await createApp({ dataDir: data, shell: 'browser', startEngine: noEngine });
    try {
      const read = await run('tables', '--study', 'Elsewhere', '--format', 'csv');
      expect(read.exit).toBe(0);
      expect((await run('export', '--study', 'Elsewhere', '--out', join(folder, 'x'))).exit).toBe(
        0,
      );
      const write = await run('ratings', 'import', small());
      expect(write.exit).toBe(1);
      expect(write.stderr).toContain('browser app');
    } finally {
      await app.close();
    }
  });
});

describe('files of other programs', () => {
  const fixture = (name: string) => file(name, csvFixture(name));

  test('are read as what they are, which is said and can be chosen', async () => {
    const good = await run('ratings', 'import', fixture('good.csv'));
    expect(good.stderr).toBe('Read as UTF-8, cells between commas, decimal point.\n');
    // Every dialect gives the same ratings, so that nothing is added.
    for (const name of ['r-labels', 'pandas-index', 'capital-header-and-spaces']) {
      const again = await run('ratings', 'import', fixture(`${name}.csv`));
      expect(again.stdout).toContain('12 rows: 0 added, 12 there already.');
    }
    const excel = fixture('semicolon-excel-de.csv');
    const json = await run('ratings', 'import', excel, '--json');
    expect(json.json()).toMatchObject({
      ...{ rows: 12, unchanged: 12 },
      reading: { encoding: 'utf-8', delimiter: 'semicolon', decimal: 'comma', notes: [] },
    });
    expect(json.stderr).toBe('Read as UTF-8, cells between semicolons, decimal comma.\n');
    const chosen = ['--encoding', 'UTF-8', '--delimiter', ';', '--decimal', 'comma'];
    expect((await run('ratings', 'import', excel, ...chosen)).exit).toBe(0);
    const index = await run('ratings', 'import', fixture('pandas-index.csv'));
    expect(index.stderr).toContain('1 column before the others, an index or empty, was left out.');
  });

  test('in Windows-1252 are refused with how they would be read, and the option', async () => {
    const path = fixture('labels-cp1252.csv');
    const refused = await run('ratings', 'import', path);
    expect(refused.exit).toBe(1);
    expect(refused.stderr).toMatch(/not UTF-8 or UTF-16.*may be Windows-1252/);
    expect(refused.stderr).toContain(
      '  line 2: Pilot,mnist,0,smoothgrad,visual-coherence,Jörg,Very Low\n',
    );
    expect(refused.stderr).toContain('If that is right, add --encoding windows-1252.\n');
    expect((await run('studies', 'list', '--json')).json()).toMatchObject({ studies: [] });
    const taken = await run('ratings', 'import', path, '--encoding', 'windows-1252');
    expect(taken.stdout).toContain('16 rows: 16 added');
    for (const name of ['labels-utf8.csv', 'labels-utf16.csv']) {
      const again = await run('ratings', 'import', fixture(name));
      expect(again.stdout).toContain('16 rows: 0 added, 16 there already.');
    }
  });

  test('whose numbers can be read in two ways ask for the option, and a bad one is named', async () => {
    const path = file(
      'thousands.csv',
      `${required},response_ms\nE,d,1,m,visual-coherence,a,Low,`.replaceAll(',', ';') + '1,234\n',
    );
    const refused = await run('ratings', 'import', path);
    expect(refused.exit).toBe(1);
    expect(refused.stderr).toMatch(/"1,234" could be 1234 or 1\.234.* Choose it with --decimal/);
    expect((await run('ratings', 'import', path, '--decimal', 'comma')).exit).toBe(0);
    const exported = await run('ratings', 'export', '--study', 'E');
    expect(exported.stdout).toContain(',Low,2,1.234,');
    for (const [option, value, accepted] of [
      ['--encoding', 'latin', 'utf-8, utf-16le, utf-16be, windows-1252'],
      ['--delimiter', 'x', 'comma, semicolon, tab, pipe'],
      ['--decimal', 'dot', 'point, comma'],
    ] as const) {
      const bad = await run('ratings', 'import', path, option, value);
      expect(bad.exit).toBe(2);
      expect(bad.stderr).toContain(`${option} is "${value}"; accepted: one of ${accepted}.`);
    }
  });
});

describe('filters of the tables', () => {
  const tables = (...filters: string[]) =>
    run('tables', '--study', 'Elsewhere', '--format', 'json', ...filters);

  test('where no attention check can be judged: nobody is left out, and that is said everywhere', async () => {
    const path = join('test', 'fixtures', 'checks', 'attention-without-ranges.csv');
    await run('ratings', 'import', path);
    const ask = (format: string) =>
      run('tables', '--study', 'Checks', '--format', format, '--exclude-failed', '1');
    const whole = await run('tables', '--study', 'Checks', '--format', 'csv');
    for (const format of ['csv', 'json', 'markdown', 'html', 'latex', 'svg']) {
      const ran = await ask(format);
      expect(ran.exit).toBe(0);
      expect(ran.stderr).toContain('No attention check can be judged');
      const text = ran.stdout.replaceAll(/<[^>]*>|\s+/g, ' ').replaceAll(/ +/g, ' ');
      expect(text, format).not.toMatch(/[Ww]ithout raters|were left out|are left out for/);
      if (format === 'csv') expect(ran.stdout).toBe(whole.stdout);
      else expect(text, format).toContain('No attention check can be judged');
    }
    const json = (await ask('json')).json();
    expect(json).toMatchObject({
      counted: 24,
      checks: { rated: 3, judged: 0, raters: 0 },
      leftOut: [{ ratings: 0 }],
    });
  });

  test.each<[string[], RegExp]>([
    [['--raters', 'z'], /--raters is "z"; accepted: one of: a, b\./],
    [['--raters', 'a,z'], /--raters is "z"; accepted: one of: a, b\./],
    [['--raters', ''], /--raters is ""; accepted: one of: a, b\./],
    [['--raters', ' , '], /--raters is " , "; accepted: one of: a, b\./],
    [['--raters', '"a'], /--raters is .*; accepted: names parted by commas/],
    [['--images', '1'], /--images is "1"; accepted: one of: MNIST\/1, MNIST\/2\./],
    [['--images', 'MNIST/3,MNIST/1'], /--images is "MNIST\/3"; accepted: one of: MNIST\/1/],
    [
      ['--from', '2026-02-01', '--to', '2026-01-01'],
      /--to is "2026-01-01"; accepted: a day from 2026-02-01 on/,
    ],
    [['--from', '2026-02-01'], /--from is "2026-02-01"; accepted: nothing, because no label/],
    [['--to', '2026-02-01'], /--to is "2026-02-01"; accepted: nothing, because no label/],
    [['--experience', 'naive'], /--experience is "naive"; accepted: nothing, because no rater/],
  ])('by what is not there is refused: %j', async (filters, message) => {
    await run('ratings', 'import', small());
    for (const format of ['json', 'kappas']) {
      const ran = await run('tables', '--study', 'Elsewhere', '--format', format, ...filters);
      expect(ran.exit).toBe(2);
      expect(ran.stdout).toBe('');
      expect(ran.stderr).toMatch(message);
    }
    expect((await tables(...filters, '--json')).json()).toMatchObject({
      error: { code: 'invalid-input', field: filters.at(-2) },
    });
  });

  test('that leave out every rating give no empty table', async () => {
    const rows = [
      `${required},rated_at`,
      'Elsewhere,MNIST,1,smoothgrad,visual-coherence,a,High,2026-01-05',
      'Elsewhere,MNIST,2,smoothgrad,visual-coherence,b,High,2026-01-09',
    ];
    await run('ratings', 'import', file('dated.csv', `${rows.join('\n')}\n`));
    const nothing = ['--raters', 'a', '--images', 'MNIST/2'];
    const pairs = await run('tables', '--study', 'Elsewhere', '--format', 'kappas', ...nothing);
    expect([pairs.exit, pairs.stdout]).toEqual([2, '']);
    const apart = await tables(...nothing);
    expect(apart.exit).toBe(2);
    expect(apart.stderr).toContain(
      'The filters leave out every rating: Raters who were not chosen (1), Images that were not chosen (1).',
    );
    const between = await tables('--from', '2026-01-06', '--to', '2026-01-07');
    expect(between.exit).toBe(2);
    const late = await tables('--from', '2026-01-10');
    expect(late.stderr).toContain(
      '--from is "2026-01-10"; accepted: a day up to 2026-01-09: labels were given from 2026-01-05 to 2026-01-09.',
    );
    expect((await tables('--from', '2026-01-09')).json()).toMatchObject({ counted: 1 });
  });

  test('take a name as a whole, else commas part names and quotes protect', async () => {
    const rows = ['"Smith, J"', 'Bob', 'Smith'].map(
      (rater, i) => `Elsewhere,MNIST,${i},smoothgrad,visual-coherence,${rater},High`,
    );
    await run('ratings', 'import', file('names.csv', `${[required, ...rows].join('\n')}\n`));
    const chosen = async (...filters: string[]) => (await tables(...filters)).json()['filters'];
    expect(await chosen('--raters', 'Smith, J')).toMatchObject({ raters: ['Smith, J'] });
    expect(await chosen('--raters', '"Smith, J",bob')).toMatchObject({
      raters: ['Smith, J', 'Bob'],
    });
    expect(await chosen('--raters', 'Smith,Bob')).toMatchObject({ raters: ['Smith', 'Bob'] });
    const parted = await tables('--raters', 'Smith, J,Bob');
    expect(parted.stderr).toContain('--raters is "J"; accepted: one of: Bob, Smith, "Smith, J".');
  });
});

describe('studies', () => {
  test('go to another installation as a ZIP or as a folder', async () => {
    await run('ratings', 'import', small());
    const tables = await run('tables', '--study', 'Elsewhere', '--format', 'csv');
    const zip = join(folder, 'study.zip');
    const unpacked = join(folder, 'unpacked');
    const exported = await run('export', '--study', 'Elsewhere', '--out', zip, '--json');
    expect(exported.json()).toMatchObject({ command: 'export', files: [zip] });
    await run('export', '--study', 'Elsewhere', '--out', unpacked);
    expect(readdirSync(unpacked)).toEqual(
      expect.arrayContaining(['README.md', 'manifest.json', 'ratings.csv', 'events.csv', 'tables']),
    );
    // Again into its own folder; among other files, which stay and are none of the archive.
    expect((await run('export', '--study', 'Elsewhere', '--out', unpacked)).exit).toBe(0);
    expect((await run('export', '--study', 'Elsewhere', '--out', folder)).exit).toBe(0);
    expect(existsSync(join(folder, 'small.csv'))).toBe(true);

    // A file of somebody else in the way is found before anything is opened.
    const taken = join(folder, 'taken');
    mkdirSync(taken);
    writeFileSync(join(taken, 'README.md'), 'mine');
    const before = await cli(['export', '--study', 'none', '--out', taken]);
    expect([before.exit, before.opened]).toEqual([2, []]);
    expect(before.stderr).toContain('README.md there is listed by no manifest of Saliency Studio');

    // As a file manager hands it on: within a folder of its own, with what it leaves there.
    const deep = join(folder, 'Neuer Ordner');
    await run('export', '--study', 'Elsewhere', '--out', join(deep, 'ä', 'study'));
    for (const junk of ['.DS_Store', 'ä/._study', 'ä/study/Thumbs.db'])
      file(`Neuer Ordner/${junk}`, '');
    for (const [i, from] of [zip, unpacked, folder, deep].entries()) {
      data = join(folder, `other-${i}`);
      const imported = await run('studies', 'import', from);
      expect(imported.stdout).toMatch(/^Elsewhere, version 1 \(study_.*\): 2 raters, 6 ratings/);
      const there = await run('tables', '--study', 'Elsewhere', '--format', 'csv');
      expect(there.stdout).toBe(tables.stdout);
      const twice = await run('studies', 'import', from);
      expect(twice.exit).toBe(1);
      expect(twice.stderr).toContain('here already');
    }
  });

  test('that are damaged, unknown or named alike are refused', async () => {
    const path = file('bad.zip', 'PK nonsense');
    const bad = await run('studies', 'import', path);
    expect(bad.exit).toBe(1);
    expect(bad.stderr).toContain('not a whole ZIP');
    const none = await run('tables', '--study', 'x', '--format', 'csv');
    expect(none.exit).toBe(1);
    expect(none.stderr).toContain('There is none in this data directory');
    const two = `${required}\nPilot,d,1,m,visual-coherence,a,Low\nPILOT,d,1,m,visual-coherence,a,Low\n`;
    await run('ratings', 'import', file('two.csv', two));
    expect((await run('tables', '--study', 'Pilot', '--format', 'csv')).exit).toBe(0);
    const alike = await run('tables', '--study', 'pilot', '--format', 'csv', '--json');
    expect(alike.exit).toBe(1);
    expect(alike.json()).toMatchObject({ error: { code: 'conflict' } });
    const listed = await run('studies', 'list');
    expect(listed.stdout).toMatch(/study_\w{16} +1 {2}Pilot +closed +1 +1/);
  });
});

describe('names that look alike', () => {
  const rows = (study: string, rater: string) => {
    const row = (question: string) => `${study},d,1,m,${question},${rater},Low`;
    return `${row('visual-coherence')}\n${row('edge-differentiation')}\n`;
  };

  test('are one from whichever keyboard they come', async () => {
    const wide = rows(' E\u0301tude\u00a01', 'Jose\u0301');
    expect((await run('ratings', 'import', file('a.csv', `${required}\n${wide}`))).exit).toBe(0);
    const listed = await run('studies', 'list', '--json');
    expect(listed.json()).toMatchObject({ studies: [{ name: '\u00c9tude 1', raters: 1 }] });
    expect(listed.json()).not.toHaveProperty('alike');
    for (const name of ['\u00c9tude 1', 'E\u0301tude\u20031 ', '\u00e9TUDE 1']) {
      const tables = await run(
        'tables',
        '--study',
        name,
        '--raters',
        'JOSE\u0301',
        '--format',
        'json',
      );
      expect(tables.json()).toMatchObject({ counted: 2 });
    }
    const hidden = await run('tables', '--study', '\u00c9tude 1\u200b', '--format', 'csv');
    expect(hidden.exit).toBe(1);
    expect(hidden.stderr).toContain(
      'There is no study "\u00c9tude 1[U+200B]". There is: \u00c9tude 1.',
    );
  });

  test('are refused by their code points where nobody sees them', async () => {
    for (const name of ['nfc-and-nfd-rater.csv', 'nbsp-label.csv']) {
      const taken = await run('ratings', 'import', join(names, name), '--json');
      expect(taken.json()).toMatchObject({ studies: [{ created: true }] });
    }
    const refused = await run('ratings', 'import', join(names, 'zero-width-rater.csv'), '--json');
    expect(refused.exit).toBe(1);
    expect(refused.json()).toMatchObject({
      error: {
        ...{ code: 'invalid-input', field: 'rater', value: '"R1[U+200B]"' },
        message: expect.stringContaining(
          'Line 12, column rater: "R1[U+200B]" was refused',
        ) as string,
      },
    });
    const study = await run('tables', '--study', 'Unicode', '--format', 'json');
    expect(study.json()).toMatchObject({
      counted: 10,
      raters: [{ rater: 'Jos\u00e9', ratings: 10 }],
    });
    const nbsp = await run('tables', '--study', 'Nbsp', '--format', 'json');
    expect(nbsp.json()).toMatchObject({ counted: 1 });
    expect(nbsp.stdout).toContain('"label": "Very Low"');
    const listed = await run('studies', 'list', '--json');
    expect(listed.json()).toMatchObject({ studies: [{ name: 'Nbsp' }, { name: 'Unicode' }] });
  });

  test('stay two where they were stored, are listed so, and are erased one by one', async () => {
    await run('ratings', 'import', small());
    const store = (change: (core: AppParts) => void) => {
      const { core, close } = coreOn(data);
      change(core);
      close();
    };
    store((core) => {
      const imported = { origin: 'imported', state: 'closed', config: null } as const;
      core.studies.insert(newStudy('a', { ...imported, name: 'Pilot' }));
      core.studies.insert(newStudy('b', { ...imported, name: 'Pilot\u200b' }));
      ['Jos\u00e9', 'Jose\u0301'].forEach((code, ordinal) => {
        core.raters.insert(newRater('ab'.charAt(ordinal), { code, ordinal }));
        core.ratingEvents.append(newLabel({ rater: code }));
      });
    });
    const alike = '2 studies look alike and are kept apart: ';
    const listed = await run('studies', 'list');
    expect(listed.stdout).toContain(`${alike}Pilot\u200b (Pilot[U+200B]), Pilot (Pilot).`);
    const exact = await run('tables', '--study', 'Pilot\u200b', '--format', 'json');
    expect(exact.json()).toMatchObject({ study: { id: id('study', 'b') }, counted: 0 });
    const folded = await run('tables', '--study', 'pilot', '--format', 'csv');
    expect(folded.stderr).toContain(
      `${id('study', 'b')} (Pilot[U+200B] (Pilot[U+200B]), version 1)`,
    );
    const notes = await run('tables', '--study', 'Pilot', '--format', 'json');
    expect(notes.json()).toMatchObject({ counted: 2 });
    expect(notes.stdout).toContain('2 raters look alike and are kept apart');

    const erase = (rater: string) =>
      run('ratings', 'erase', '--study', 'Pilot', '--rater', rater, '--json');
    const both = await erase('JOS\u00c9');
    expect(both.exit).toBe(2);
    expect(both.stderr).toContain(`${id('rater', 'b')} (Jose\u0301 (Jose[U+0301]))`);
    expect((await erase('Jose\u0301')).json()).toMatchObject({ rater: 'Jose\u0301', rows: 1 });
    expect((await erase('Jos\u00e9\u200b')).stderr).toContain(
      '"Jos\u00e9[U+200B]"; accepted: Jos\u00e9',
    );
    expect((await erase(id('rater', 'a'))).json()).toMatchObject({ rater: 'Jos\u00e9', rows: 1 });
  });
});

describe('erase, backup and restore', () => {
  test('a rater goes, and comes back with the backup', async () => {
    await run('ratings', 'import', small());
    const wrong = await run('ratings', 'erase', '--rater', 'z', '--study', 'Elsewhere');
    expect(wrong.exit).toBe(2);
    expect(wrong.stderr).toContain('--rater is "z"; accepted: a, b');
    const kept = join(folder, 'safe', 'copy.sqlite');
    const backup = await run('backup', '--out', kept, '--json');
    expect(backup.json()).toMatchObject({ command: 'backup', files: [expect.any(String), kept] });
    const erased = await run('ratings', 'erase', '--rater', 'B', '--study', 'Elsewhere', '--json');
    expect(erased.json()).toMatchObject({ command: 'ratings erase', rater: 'b', rows: 3 });
    const count = async () => {
      const tables = await run('tables', '--study', 'Elsewhere', '--format', 'json');
      return tables.json()['counted'];
    };
    expect(await count()).toBe(3);
    const restored = await run('restore', kept, '--json');
    expect(restored.exit).toBe(0);
    expect(existsSync(String(restored.json()['kept']))).toBe(true);
    expect(await count()).toBe(6);
  });

  test('a damaged database can be replaced by a backup', async () => {
    await run('ratings', 'import', small());
    const kept = join(folder, 'copy.sqlite');
    await run('backup', '--out', kept);
    for (const name of ['studio.sqlite', 'studio.sqlite-wal', 'studio.sqlite-shm']) {
      rmSync(join(data, name), { force: true });
    }
    file(join('data', 'studio.sqlite'), 'no database '.repeat(1000));
    const broken = await run('studies', 'list');
    expect(broken.exit).toBe(1);
    const restored = await run('restore', kept);
    expect(restored.stderr).toBe('');
    expect(restored.exit).toBe(0);
    expect((await run('tables', '--study', 'Elsewhere', '--format', 'csv')).exit).toBe(0);
  });

  test('what is no backup is refused', async () => {
    await run('ratings', 'import', small());
    expect((await run('restore', join(folder, 'nothing'))).exit).toBe(2);
    expect((await run('restore', small())).exit).toBe(1);
    expect((await run('tables', '--study', 'Elsewhere', '--format', 'csv')).exit).toBe(0);
  });
});

test('the results of an open study are asked for with --reveal', async () => {
  const study = 'study_aaaaaaaaaaaaaaaa';
  const app: StubApp = stubApp({
    'studies.list': () => [{ ...record, id: study, name: 'Open', state: 'open' }],
    'results.reveal': () => record,
    'results.export': () => app.exports.put('t.csv', 'text/csv', 'a,b\n'),
  });
  const argv = ['tables', '--study', 'Open', '--format', 'csv'];
  const plain = await cli(argv, { app });
  expect(plain.opened).toMatchObject([{ access: 'read' }]);
  expect(app.calls.map(({ route }) => route)).toEqual(['studies.list', 'results.export']);
  const revealed = await cli([...argv, '--reveal'], { app });
  expect(revealed.opened).toMatchObject([{ access: 'write' }]);
  expect(revealed.stdout).toBe('a,b\n');
  expect(app.calls.slice(2)).toMatchObject([
    { route: 'studies.list' },
    { route: 'results.reveal', input: { study } },
    { route: 'results.export', input: { study, format: 'csv' } },
  ]);
});

describe('names that the font of pictures lacks', () => {
  const picture = async (name: string, format: 'png' | 'svg') => {
    const path = join('test', 'fixtures', 'pictures', `${name}.csv`);
    const place = join(folder, `${name}.${format}`);
    data = join(folder, name);
    expect((await run('ratings', 'import', path)).exit).toBe(0);
    const { studies } = (await run('ratings', 'import', path, '--json')).json() as {
      studies: { name: string }[];
    };
    const study = studies[0]?.name ?? '';
    const made = await run('tables', '--study', study, '--format', format, '--out', place);
    expect(made.exit).toBe(0);
    return readFileSync(place);
  };

  test('tables of other names are other pictures', async () => {
    const [a, b, mixed] = [
      await picture('a', 'png'),
      await picture('b', 'png'),
      await picture('mixed', 'png'),
    ];
    expect(a.equals(b)).toBe(false);
    expect(a.equals(mixed)).toBe(false);
    expect((await picture('mixed', 'svg')).toString()).toContain('خريطة');
  });
});
