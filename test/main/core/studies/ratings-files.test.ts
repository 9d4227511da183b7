import { describe, expect, it } from 'vitest';
import { type AppParts } from '../../../../src/main/core/services';
import { RatingsExport } from '../../../../src/main/core/studies/ratings-export';
import { RatingsImport } from '../../../../src/main/core/studies/ratings-import';
import { type ChosenReading } from '../../../../src/shared/csv-reading';
import { csvFixture } from '../../../fixtures/csv';
import { coreOn } from '../core-on';
import { id, temporaryFolder } from '../storage/helpers';
import { newLabel, newRater, newStudy } from '../storage/rating-helpers';
import { contentOf, fileIn, filesOf } from '../transfers';

const code = (value: string, message = /./) =>
  expect.objectContaining({
    data: expect.objectContaining({ code: value, message: expect.stringMatching(message) }),
  });

function setUp() {
  const opened = coreOn(temporaryFolder());
  return { ...opened, ratings: importing(opened.core) };
}

/** Files come as bytes; here they are written as texts, and their reading is told elsewhere. */
function importing(core: AppParts) {
  const service = new RatingsImport(core);
  return {
    import(text: string) {
      const { reading, ...summary } = service.import(new TextEncoder().encode(text));
      expect(reading).toEqual({
        ...{ encoding: 'utf-8', delimiter: 'comma', decimal: 'point', notes: [] },
      });
      return summary;
    },
  };
}

const header = 'study,dataset,image,method,question,rater,label';
const csv = (...lines: string[]) => `${[header, ...lines].join('\n')}\n`;
const first = 'Field trial,mnist,7,smoothgrad,visual-coherence,R1,High';
const second = 'Field trial,mnist,7,my-method,visual-coherence,R1,Low';

const exported = async (core: AppParts, study: string) =>
  (await contentOf(filesOf(core), await new RatingsExport(core).export(study))).toString();

describe('importing ratings', () => {
  it('makes the study, closed, and its raters; methods nobody knows are taken as they are', () => {
    const { core, ratings, announced } = setUp();
    const summary = ratings.import(csv(first, second, first.replace('R1', 'R2')));
    const [study] = core.studies.list();
    expect(summary).toEqual({
      rows: 3,
      added: 3,
      unchanged: 0,
      studies: [{ id: study?.id, name: 'Field trial', created: true }],
    });
    expect(study).toMatchObject({ origin: 'imported', state: 'closed', version: 1, config: null });
    const made = study?.id ?? '';
    expect(core.raters.list(made).map((rater) => rater.code)).toEqual(['R1', 'R2']);
    expect(core.ratingEvents.counted(made).map(({ method, score }) => [method, score])).toEqual([
      ['smoothgrad', 4],
      ['my-method', 2],
      ['smoothgrad', 4],
    ]);
    expect(core.studyLog.entries(made)).toMatchObject([
      { action: 'ratings.imported', detail: '3 labels' },
    ]);
    expect(announced).toEqual([{ type: 'study.changed', study: made }]);
  });

  it('changes nothing the second time, and adds what is new the third', () => {
    const { core, ratings, announced } = setUp();
    ratings.import(csv(first, second));
    const [study] = core.studies.list();
    const made = study?.id ?? '';
    const before = core.ratingEvents.all(made);
    const known = { id: made, name: 'Field trial', created: false };
    const again = ratings.import(csv(first, second));
    expect(again).toEqual({ rows: 2, added: 0, unchanged: 2, studies: [known] });
    expect(core.ratingEvents.all(made)).toEqual(before);
    expect(announced).toHaveLength(1);
    const more = csv(second, first.replace('visual-coherence', 'edge-differentiation'));
    expect(ratings.import(more)).toMatchObject({ added: 1, unchanged: 1 });
    expect(core.studyLog.entries(made)).toHaveLength(2);
  });

  it('takes several studies in one file, by name or by id', () => {
    const { core, ratings } = setUp();
    ratings.import(csv(first));
    const [study] = core.studies.list();
    const byId = second.replace('Field trial', study?.id ?? '');
    const summary = ratings.import(csv(byId, first.replace('Field trial', 'Another')));
    expect(summary.studies.map(({ name, created }) => [name, created])).toEqual([
      ['Field trial', false],
      ['Another', true],
    ]);
    expect(core.studies.count()).toBe(2);
  });

  it('refuses a duplicate with both lines, whatever its label', () => {
    const { core, ratings } = setUp();
    for (const twice of [first, first.replace('High', 'Low')]) {
      const refused = code(
        'invalid-input',
        /Line 4 .*line 2 .*rater R1.*question visual-coherence/,
      );
      expect(() => ratings.import(csv(first, second, twice))).toThrow(refused);
    }
    expect(core.studies.count()).toBe(0);
  });

  it('tells repeats, practice and checks apart by their trial', () => {
    const { core, ratings } = setUp();
    const long = (kind: string, trial: string, label: string) =>
      `${first.replace('High', label)},${kind},${trial}`;
    const file = (...lines: string[]) => `${header},kind,trial\n${lines.join('\n')}\n`;
    const text = file(
      long('main', '1', 'High'),
      long('repeat', '30', 'Low'),
      long('repeat', '60', 'Medium'),
      long('practice', '0', 'Low'),
      long('attention', '9', 'Low'),
    );
    ratings.import(text);
    expect(ratings.import(text)).toMatchObject({ added: 0, unchanged: 5 });
    const study = core.studies.list()[0]?.id ?? '';
    const rows = core.ratingEvents.counted(study);
    expect(rows.map(({ kind, repeat }) => [kind, repeat])).toEqual([
      ['main', 0],
      ['repeat', 1],
      ['repeat', 2],
      ['practice', 0],
      ['attention', 0],
    ]);
    expect(core.ratingEvents.count(study)).toBe(1);
    const twice = file(long('repeat', '30', 'Low'), long('repeat', '30', 'Low'));
    expect(() => ratings.import(twice)).toThrow(code('invalid-input', /kind repeat, trial 30/));
    // A main row is the same rating whatever its trial.
    const moved = file(long('main', '1', 'High'), long('main', '2', 'High'));
    expect(() => ratings.import(moved)).toThrow(code('invalid-input', /Line 3 .*line 2/));
  });

  it('refuses another label for a rating that is there, and takes nothing of that file', () => {
    const { core, ratings } = setUp();
    ratings.import(csv(first));
    const study = core.studies.list()[0]?.id ?? '';
    const other = csv(second, first.replace('High', 'Very Low'));
    expect(() => ratings.import(other)).toThrow(
      code('conflict', /Line 3, column label: Very Low .*High/),
    );
    expect(core.ratingEvents.count(study)).toBe(1);
    const elsewhere = csv(first.replace('Field trial', 'New'), first.replace('High', 'Low'));
    expect(() => ratings.import(elsewhere)).toThrow(code('conflict'));
    expect(core.studies.named('New')).toEqual([]);
  });

  it('refuses two spellings of one rater', () => {
    const { ratings } = setUp();
    const spelled = csv(first, second.replace('R1', 'r1'));
    expect(() => ratings.import(spelled)).toThrow(code('invalid-input', /Line 3.*R1, as line 2/));
    ratings.import(csv(first));
    expect(() => ratings.import(csv(second.replace('R1', 'r1')))).toThrow(
      code('invalid-input', /R1, as the study spells/),
    );
  });

  it('leaves a study alone whose raters may be at work, and who has withdrawn out of it', () => {
    const { core, ratings } = setUp();
    core.studies.insert(newStudy('a', { name: 'Field trial', state: 'open' }));
    expect(() => ratings.import(csv(first))).toThrow(code('conflict', /Line 2.*is open/));
    core.studies.setState(id('study', 'a'), 'closed');
    expect(ratings.import(csv(first)).added).toBe(1);
    core.ratingEvents.append({
      event: 'withdrawal',
      action: 'withdraw',
      study: id('study', 'a'),
      rater: 'R1',
      session: null,
      recordedAt: '2026-01-01T00:00:00.000Z',
    });
    expect(() => ratings.import(csv(first))).toThrow(code('conflict', /R1 has taken consent back/));
  });

  it('asks for an id where a name has several versions', () => {
    const { core, ratings } = setUp();
    const name = 'Field trial';
    core.studies.insert(newStudy('a', { name, state: 'closed' }));
    core.studies.insert(newStudy('b', { name, version: 2, state: 'closed' }));
    expect(() => ratings.import(csv(first))).toThrow(code('invalid-input', /study_b.*version 2/));
    const byId = csv(first.replace(name, id('study', 'b')));
    expect(ratings.import(byId).studies).toEqual([{ id: id('study', 'b'), name, created: false }]);
  });

  it('takes thousands of rows', () => {
    const { ratings } = setUp();
    const lines = Array.from(
      { length: 4000 },
      (_, i) => `Large,mnist,${i % 500},m${i % 10},visual-coherence,R${Math.floor(i / 500)},High`,
    );
    expect(ratings.import(csv(...lines))).toMatchObject({ added: 4000 });
    expect(ratings.import(csv(...lines))).toMatchObject({ unchanged: 4000 });
  });
});

describe('files of other programs', () => {
  const stored = (name: string, chosen?: ChosenReading) => {
    const { core } = coreOn(temporaryFolder());
    const { reading, ...summary } = new RatingsImport(core).import(csvFixture(name), chosen);
    const [study] = core.studies.list();
    const rows = core.ratingEvents.counted(study?.id ?? '').map((row) => ({ ...row, study: '' }));
    return { reading, name: study?.name, added: summary.added, rows };
  };

  it('in any encoding give equal ratings', () => {
    const { rows, name, added } = stored('labels-utf8.csv');
    expect([name, added, rows.length]).toEqual(['Pilot', 16, 16]);
    expect(new Set(rows.map(({ rater }) => rater))).toEqual(new Set(['Jörg', 'Järg']));
    const wide = stored('labels-utf16.csv');
    expect(wide.rows).toEqual(rows);
    expect(wide.reading.encoding).toBe('utf-16le');
    const narrow = stored('labels-cp1252.csv', { encoding: 'windows-1252' });
    expect(narrow.rows).toEqual(rows);
    expect(narrow.reading.encoding).toBe('windows-1252');
    const one = stored('one-rater-cp1252.csv', { encoding: 'windows-1252' });
    expect(new Set(one.rows.map(({ rater }) => rater))).toEqual(new Set(['Jörg']));
  });

  it('in Windows-1252 are shown first, and store nothing until that is chosen', () => {
    const { core } = coreOn(temporaryFolder());
    const ratings = new RatingsImport(core);
    for (const name of ['labels-cp1252.csv', 'one-rater-cp1252.csv']) {
      const offered = expect.objectContaining({
        data: expect.objectContaining({
          ...{ code: 'invalid-input', field: 'encoding' },
          details: expect.objectContaining({
            encoding: 'windows-1252',
            'line 2': 'Pilot,mnist,0,smoothgrad,visual-coherence,Jörg,Very Low',
          }),
        }),
      });
      expect(() => ratings.import(csvFixture(name))).toThrow(offered);
      expect(() => ratings.preview(csvFixture(name))).toThrow(offered);
    }
    expect(core.studies.count()).toBe(0);
    const preview = ratings.preview(csvFixture('labels-cp1252.csv'), { encoding: 'windows-1252' });
    expect(preview).toMatchObject({
      reading: { encoding: 'windows-1252', delimiter: 'comma', decimal: 'point', notes: [] },
      columns: ['study', 'dataset', 'image', 'method', 'question', 'rater', 'label'],
      ...{ rows: 16, problem: null },
    });
    expect(preview.sample).toHaveLength(5);
    expect(preview.sample[0]).toEqual([
      ...['Pilot', 'mnist', '0', 'smoothgrad', 'visual-coherence', 'Jörg', 'Very Low'],
    ]);
    expect(core.studies.count()).toBe(0);
  });

  it.each([
    ['capital-header-and-spaces.csv', 'comma', 'point', /"Rater ID" as rater/],
    ['pandas-index.csv', 'comma', 'point', /1 column before the others, an index or empty/],
    ['r-labels.csv', 'comma', 'point', null],
    ['semicolon-excel-de.csv', 'semicolon', 'comma', null],
  ])('in the dialect of %s give equal ratings', (name, delimiter, decimal, note) => {
    const good = stored('good.csv');
    expect(good.rows.map(({ score }) => score)).toEqual([1, 2, 1, 2, 2, 3, 2, 3, 3, 4, 3, 4]);
    const other = stored(name);
    const timed = name === 'semicolon-excel-de.csv';
    expect(other.rows).toEqual(
      good.rows.map((row) => ({ ...row, responseMs: timed ? 812.5 : null })),
    );
    expect(other.reading).toMatchObject({ encoding: 'utf-8', delimiter, decimal });
    expect(other.reading.notes).toEqual(note === null ? [] : [expect.stringMatching(note)]);
  });

  it('in every other dialect give equal ratings too', () => {
    const good = new TextDecoder().decode(csvFixture('good.csv'));
    const utf8 = (text: string) => new TextEncoder().encode(text);
    const { rows } = stored('good.csv');
    const variants: Record<string, Uint8Array> = {
      'Unicode text of Excel': Buffer.from(
        `\ufeff${good.replaceAll(',', '\t').replaceAll('\n', '\r\n')}`,
        'utf16le',
      ),
      'a named separator': utf8(`sep=;\r\n${good.replaceAll(',', ';')}`),
      'an old Mac': utf8(good.replaceAll('\n', '\r')),
      'numbers with a fraction': utf8(good.replaceAll(/,(\d),/g, ',$1.0,')),
      'empty columns at the end': utf8(good.replaceAll('\n', ',,\n')),
      'labels in capitals': utf8(
        good.replaceAll(/Very Low|Low|Medium|High/g, (label) =>
          label.toUpperCase().replace(' ', '_'),
        ),
      ),
      'row names of R': utf8(
        good
          .trimEnd()
          .split('\n')
          .map((line, i) => `"${i === 0 ? '' : i}",${line.replaceAll(/[^,]+/g, '"$&"')}`)
          .join('\n'),
      ),
    };
    for (const [name, bytes] of Object.entries(variants)) {
      const { core } = coreOn(temporaryFolder());
      new RatingsImport(core).import(bytes);
      const [study] = core.studies.list();
      const read = core.ratingEvents.counted(study?.id ?? '').map((row) => ({ ...row, study: '' }));
      expect(read, name).toEqual(rows);
    }
  });

  it('are looked at before they are imported, with what would be refused in them', () => {
    const { core } = coreOn(temporaryFolder());
    const preview = (text: string) =>
      new RatingsImport(core).preview(new TextEncoder().encode(text));
    const bad = preview(csv(first, second.replace('Low', 'Lowish')));
    expect(bad).toMatchObject({
      rows: 2,
      problem: { code: 'invalid-input', field: 'label', details: { line: '3' } },
    });
    expect(preview(csv(first, first)).problem?.message).toMatch(/Line 3 rates the same as line 2/);
    expect(preview(`${header}\n`)).toMatchObject({ rows: 0, sample: [], problem: null });
  });
});

describe('a file of ratings', () => {
  it('is read where it lies, and refused by its name where it is too large for a text', async () => {
    const ratings = new RatingsImport(setUp().core);
    const file = await fileIn(temporaryFolder(), csv(first), 'labels.csv');
    expect(await ratings.importFile(file, {})).toMatchObject({ rows: 1, added: 1 });
    await expect(ratings.importFile({ ...file, bytes: 300 * 2 ** 20 }, {})).rejects.toThrow(
      code('invalid-input', /"labels\.csv".*at most 256 MiB/),
    );
  });
});

describe('exporting ratings', () => {
  it('goes into an empty installation and comes out the same', async () => {
    const { core } = setUp();
    const study = id('study', 'a');
    core.studies.insert(newStudy('a', { name: 'Déjà vu', state: 'closed' }));
    core.raters.insert(newRater('a'));
    core.ratingEvents.append(newLabel({ score: 2, responseMs: 10.25, session: 'session x' }));
    core.ratingEvents.append(newLabel({ action: 'change', score: 5, responseMs: 99 }));
    core.ratingEvents.append(newLabel({ kind: 'repeat', repeat: 1, trial: '31', ratedAt: null }));
    core.ratingEvents.append(newLabel({ kind: 'attention', method: 'flat', trial: '5', score: 1 }));
    core.ratingEvents.append(newLabel({ kind: 'practice', method: 'outline', trial: '0' }));
    const file = await exported(core, study);
    expect(file.split('\n')[1]).toBe(
      'Déjà vu,mnist,7,smoothgrad,visual-coherence,R-a,,0,main,Very High,5,99,2026-01-01T00:00:02.000Z',
    );
    expect(file.split('\n')).toHaveLength(6);
    // Its own export changes nothing.
    expect(importing(core).import(file)).toMatchObject({ added: 0, unchanged: 4 });

    const empty = setUp();
    expect(empty.ratings.import(file)).toMatchObject({ added: 4, unchanged: 0 });
    const made = empty.core.studies.list()[0]?.id ?? '';
    expect(await exported(empty.core, made)).toBe(file);
    const rows = (of: AppParts, at: string) =>
      of.ratingEvents.counted(at).map((row) => ({ ...row, study: '' }));
    expect(rows(empty.core, made)).toEqual(rows(core, study));
  });

  it('names a version by its id, and hides the ratings of an open study', async () => {
    const { core } = setUp();
    const name = 'Study';
    core.studies.insert(newStudy('a', { name, state: 'closed' }));
    core.studies.insert(newStudy('b', { name, version: 2, state: 'open' }));
    core.ratingEvents.append(newLabel());
    expect(await exported(core, id('study', 'a'))).toContain(`\n${id('study', 'a')},mnist`);
    await expect(exported(core, id('study', 'b'))).rejects.toThrow(code('conflict', /hidden/));
    core.studies.setRevealed(id('study', 'b'), '2026-01-01T00:00:00.000Z');
    expect((await exported(core, id('study', 'b'))).split('\n')).toHaveLength(2);
    expect((await new RatingsExport(core).export(id('study', 'a'))).name).toBe(
      'ratings-study-v1.csv',
    );
    await expect(exported(core, id('study', 'c'))).rejects.toThrow(code('not-found'));
  });
});
