import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type AppParts, createServices } from '../../../../../src/main/core/services';
import { listFiles, type Manifest } from '../../../../../src/main/core/studies/archive/manifest';
import { readZip, writeZip } from '../../../../../src/main/core/studies/archive/zip';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import { DatasetCatalogue } from '../../../../../src/shared/catalogue/datasets';
import { builtInDatasets } from '../../../../../src/shared/catalogue/known-datasets';
import { decodeNpy } from '../../../../../src/shared/npy';
import { defaultQuestions } from '../../../../../src/shared/ratings/questions';
import { type ResultFilters, resultFiltersSchema } from '../../../../../src/shared/ratings/results';
import { coreOn } from '../../core-on';
import { at, id, temporaryFolder } from '../../storage/helpers';
import { newLabel, newRater, newStudy } from '../../storage/rating-helpers';
import { contentOf, fileIn, filesOf } from '../../transfers';
import { addSampleStudy, composed, lime, runId, studyId } from './sample-study';

const all = resultFiltersSchema.parse({});
const empty = (catalogues: AppParts['catalogues'] = builtInCatalogues) => {
  const core: AppParts = { ...coreOn(temporaryFolder()).core, catalogues };
  return { core, services: createServices(core) };
};
/** An installation with no importer for MNIST. */
const withoutMnist = () =>
  empty({
    ...builtInCatalogues,
    datasets: new DatasetCatalogue(builtInDatasets.filter(({ id: known }) => known !== 'mnist')),
  });
type Installation = ReturnType<typeof empty>;

async function exported({ core, services }: Installation, study = studyId): Promise<Buffer> {
  return contentOf(filesOf(core), await services.studyExport.export({ study }));
}

async function imported({ core, services }: Installation, bytes: Uint8Array) {
  return services.studyImport.import(await fileIn(join(core.dataDir, 'given'), bytes));
}

async function archived(): Promise<Installation & { bytes: Uint8Array }> {
  const installation = empty();
  await addSampleStudy(installation.core);
  return { ...installation, bytes: await exported(installation) };
}

/** Made once: what is refused needs no installation that it came from. */
let made: Promise<Uint8Array> | null = null;
const archive = () => (made ??= archived().then(({ bytes }) => bytes));

const resultsIn = ({ services }: Installation, filters: ResultFilters = all) =>
  services.studyResults.get({ study: studyId, filters });

type Change = (files: Map<string, Uint8Array>) => void;
const rewrite =
  (path: string, change: (text: string) => string): Change =>
  (files) => {
    const text = new TextDecoder().decode(files.get(path));
    expect(change(text)).not.toBe(text);
    files.set(path, new TextEncoder().encode(change(text)));
  };
/** As somebody would who changes a file and its hash as well. */
const relisted =
  (change: Change): Change =>
  (files) => {
    change(files);
    rewrite('manifest.json', (text) => {
      const manifest = JSON.parse(text) as Manifest;
      const others = new Map([...files].filter(([path]) => path !== 'manifest.json'));
      return JSON.stringify({ ...manifest, files: listFiles(others) });
    })(files);
  };

describe('the archive of a study', () => {
  test('gives the same results in an empty installation', async () => {
    const from = await archived();
    const to = empty();
    const record = await imported(to, from.bytes);
    expect(record).toMatchObject({ id: studyId, name: 'Pilot', state: 'closed', raters: 3 });

    const [before, after] = [await resultsIn(from), await resultsIn(to)];
    // The withdrawn rater is counted as one of the study's where the withdrawal happened.
    expect({ ...after, study: null }).toEqual({ ...before, study: null });
    expect(after.beside).toMatchObject([{ run: runId, refused: null }]);
    expect(after.beside[0]?.points).toHaveLength(6);
    expect(after.methods.at(-2)?.name).toBe('Our, "own" method');
    const roar = after.correlation.filter(({ against }) => against === 'roar-advantage');
    expect(roar[0]?.value).not.toBeNull();
    for (const filters of [
      { ...all, experience: 'naive' as const },
      { ...all, excludeFailedChecks: 1 },
      { ...all, images: ['mnist/4'] },
      { ...all, from: '2026-01-01', to: '2026-01-01' },
    ]) {
      const [here, there] = [await resultsIn(from, filters), await resultsIn(to, filters)];
      expect({ ...there, study: null }).toEqual({ ...here, study: null });
    }

    // Archived again, it differs in what the import added to the log, and in the weights' hashes.
    const again = await exported(to);
    const [first, second] = [await readZip(from.bytes), await readZip(again)];
    expect([...second.keys()]).toEqual([...first.keys()]);
    const differs = [...first].filter(
      ([path, bytes]) => !Buffer.from(bytes).equals(second.get(path) ?? new Uint8Array()),
    );
    expect(differs.map(([path]) => path).sort()).toEqual(['README.md', 'log.csv', 'manifest.json']);
    const third = empty();
    await imported(third, again);
    expect(await resultsIn(third)).toMatchObject({ correlation: before.correlation });
  });

  test('brings the run with its scores, times and accuracies', async () => {
    const from = await archived();
    const to = empty();
    await imported(to, from.bytes);
    const [before, after] = [
      await from.services.roarResults.result(runId),
      await to.services.roarResults.result(runId),
    ];
    expect(after.run).toMatchObject({ state: 'done', seconds: 5, settings: before.run.settings });
    expect(after.curves).toEqual(before.curves);
    expect(after.levels).toEqual(before.levels);
    expect(to.core.models.list().map(({ state }) => state)).toEqual([
      'incomplete',
      'incomplete',
      'incomplete',
    ]);
  });

  test.each([
    [
      'with what it says of it',
      true,
      { name: 'MNIST', shape: [28, 28, 1], train: 60_000, validation: 10_000 },
    ],
    [
      'with what its files show, of before it said so',
      false,
      { name: 'mnist', shape: [6, 5, 1], train: 0, validation: 100 },
    ],
  ])('brings a dataset that is not known there, %s', async (_what, states, facts) => {
    const from = await archived();
    const files = new Map(await readZip(from.bytes));
    const manifest = JSON.parse(new TextDecoder().decode(files.get('manifest.json'))) as Manifest;
    const datasets = manifest.datasets.map((each) =>
      states ? each : { ...each, facts: undefined },
    );
    files.set('manifest.json', Buffer.from(JSON.stringify({ ...manifest, datasets })));
    const to = withoutMnist();
    await imported(to, await writeZip(files));
    expect(to.core.datasets.get('mnist')).toMatchObject({ ...facts, classes: ['zero', 'one'] });
    expect(await to.services.datasets.record('mnist')).toMatchObject({ state: 'missing' });
    const [before, after] = [await resultsIn(from), await resultsIn(to)];
    expect(after.tables).toEqual(before.tables);
    expect(after.correlation).toEqual(before.correlation);
    const result = await to.services.roarResults.result(runId);
    expect(result.curves).toEqual((await from.services.roarResults.result(runId)).curves);
    const file = await to.services.runExports.export({ run: runId, format: 'report.html' });
    expect((await contentOf(filesOf(to.core), file)).toString()).toContain(facts.name);
    const third = withoutMnist();
    await imported(third, await exported(to));
    expect(third.core.datasets.get('mnist')).toMatchObject(facts);
  });

  test('has the same bytes each time', async () => {
    const installation = await archived();
    expect((await exported(installation)).equals(installation.bytes)).toBe(true);
  });

  test('holds what it says, each column explained, and nothing of who withdrew', async () => {
    const { bytes } = await archived();
    const files = await readZip(bytes);
    const text = (path: string) => new TextDecoder().decode(files.get(path));
    for (const path of files.keys()) {
      if (!path.endsWith('.csv')) continue;
      const section = path.replace('/mnist/', '/<dataset>/');
      const [, after = ''] = text('README.md').split(`### ${section}\n`);
      for (const column of (text(path).split('\n')[0] ?? '').split(',')) {
        expect(after.split('###')[0], `${path}: ${column}`).toContain(`\`${column}\`: `);
      }
    }
    for (const [path, content] of files) {
      expect(Buffer.from(content).includes('Gone'), path).toBe(false);
    }
    const manifest = JSON.parse(text('manifest.json')) as Manifest;
    expect(manifest.withdrawn).toBe(1);
    expect(manifest.methods.map(({ composition }) => composition)).toContain(composed);
    const map = decodeNpy(files.get('datasets/mnist/maps/smoothgrad.npy') ?? new Uint8Array());
    expect(map.shape).toEqual([3, 6, 5, 1]);
    expect(text('events.csv').split('\n')[0]).toContain('response_ms,monotonic_ms');
  });

  test('is refused while results are hidden, and before there are maps', async () => {
    const open = empty();
    await addSampleStudy(open.core, { state: 'open' });
    await expect(open.services.studyExport.export({ study: studyId })).rejects.toMatchObject({
      data: { code: 'conflict', message: expect.stringContaining('hidden') as string },
    });
    open.services.studyResults.reveal({ study: studyId });
    await open.services.studyExport.export({ study: studyId });
    open.core.studies.setState(studyId, 'draft');
    await expect(open.services.studyExport.export({ study: studyId })).rejects.toMatchObject({
      data: { code: 'conflict', message: expect.stringContaining('maps first') as string },
    });
  });

  test('comes in with its names in plain text; what that would make one keeps its bytes', async () => {
    const from = empty();
    const old = id('study', 'o');
    from.core.studies.insert(
      newStudy('o', {
        name: 'Re\u0301sume\u0301',
        origin: 'imported',
        state: 'closed',
        config: null,
      }),
    );
    const codes = ['Zoe\u0308', 'Jos\u00e9', 'Jose\u0301', 'R1', 'R1\u200b', 'A\u00a0B'];
    codes.forEach((code, i) => {
      const study = { study: old, ordinal: i };
      from.core.raters.insert(newRater('bcdefg'.charAt(i), { ...study, code }));
      from.core.ratingEvents.append(
        newLabel({ study: old, rater: code, method: 'me\u0301', image: `i${i}`, trial: null }),
      );
    });
    const bytes = await exported(from, old);
    const to = empty();
    to.core.studies.insert(newStudy('a', { name: 'R\u00e9sum\u00e9' }));
    const record = await imported(to, bytes);
    expect(record).toMatchObject({ name: 'R\u00e9sum\u00e9', version: 2 });
    const kept = ['Zo\u00eb', 'Jos\u00e9', 'Jose\u0301', 'R1', 'R1\u200b', 'A B'];
    expect(to.core.raters.list(old).map(({ code }) => code)).toEqual(kept);
    const counted = to.core.ratingEvents.counted(old);
    expect(counted.map(({ rater, method }) => [rater, method])).toEqual(
      kept.map((code) => [code, 'm\u00e9']),
    );
    const results = await to.services.studyResults.get({ study: old, filters: all });
    expect(results.notes.filter((note) => note.includes('look alike'))).toEqual([
      expect.stringContaining('Jose[U+0301]'),
      expect.stringContaining('R1[U+200B]'),
    ]);
  });

  test('ratings from elsewhere go there and back too', async () => {
    const from = empty();
    const rows = ['1', '2'].flatMap((image) =>
      ['a', 'b'].map((rater) => `Other,SVHN,${image},"lime, ours",visual-coherence,${rater},High`),
    );
    const header = 'study,dataset,image,method,question,rater,label';
    const csv = new TextEncoder().encode(`${header}\n${rows.join('\n')}\n`);
    const [study] = from.services.ratingsImport.import(csv).studies;
    const bytes = await exported(from, study?.id ?? '');
    const to = empty();
    const record = await imported(to, bytes);
    expect(record).toMatchObject({ name: 'Other', origin: 'imported', config: null, ratings: 4 });
    const get = ({ services }: Installation) =>
      services.studyResults.get({ study: record.id, filters: all });
    expect({ ...(await get(to)), study: null }).toEqual({ ...(await get(from)), study: null });
    // The same file again changes nothing there.
    expect(to.services.ratingsImport.import(csv)).toMatchObject({ added: 0, unchanged: 4 });
  });

  describe('with methods that a person composed or brought', () => {
    /** A study with an imported method beside the composed one. */
    async function withMaps(name = 'LIME') {
      const from = empty();
      await addSampleStudy(from.core, { imported: { ...lime, name } });
      return { from, bytes: await exported(from) };
    }
    const namesIn = ({ core }: Installation) => core.methods.list().map((method) => method.name);

    test('brings what is known of imported maps, and the same results', async () => {
      const { from, bytes } = await withMaps();
      const to = empty();
      expect(await imported(to, bytes)).toMatchObject({ notes: [] });
      expect(to.core.methods.get(lime.id)).toMatchObject({
        ...{ name: 'LIME', group: 'imported', composition: lime.composition },
        imported: { ...lime.about, train: 0, validation: 0 },
      });
      const [before, after] = [await resultsIn(from), await resultsIn(to)];
      expect(before.methods.map(({ id: method }) => method)).toContain(lime.id);
      expect({ ...after, study: null }).toEqual({ ...before, study: null });
      const path = `datasets/mnist/maps/${lime.id}.npy`;
      const [first, second] = [await readZip(bytes), await readZip(await exported(to))];
      expect(second.get(path)).toEqual(first.get(path));
      expect(first.has(path)).toBe(true);
    });

    test('calls one whose name another method has here otherwise, and says so', async () => {
      const { bytes } = await withMaps();
      const to = empty();
      for (const [i, name] of ['lime', 'Lime (2)', 'our, "OWN" method'].entries()) {
        const composition = `imported-${String(i).repeat(64)}`;
        to.core.methods.insert({ id: composition, name, composition }, at(1));
      }
      const { notes } = await imported(to, bytes);
      expect(notes).toEqual([
        expect.stringContaining('LIME of the archive is called LIME (3) here'),
        expect.stringContaining('Our, "own" method of the archive is called Our, "own" method (2)'),
      ]);
      expect(namesIn(to).slice(-2)).toEqual(['LIME (3)', 'Our, "own" method (2)']);
      const [{ detail } = { detail: '' }] = to.core.studyLog
        .entries(studyId)
        .filter(({ action }) => action === 'study.imported');
      expect(detail).toContain('LIME (3)');
    });

    test('keeps names apart that are one within the archive, and within 80 characters', async () => {
      const long = `${'L'.repeat(78)}😀`;
      const { bytes } = await withMaps(long);
      const files = new Map(await readZip(bytes));
      relisted(rewrite('manifest.json', (t) => t.replaceAll('Our, \\"own\\" method', long)))(files);
      const to = empty();
      await imported(to, await writeZip(files));
      expect(namesIn(to)).toEqual([long, `${'L'.repeat(76)} (2)`]);
    });

    test('takes ids of imported maps whole: others that begin alike are not the same', async () => {
      const { bytes } = await withMaps();
      const other = `${lime.id.slice(0, 25)}${'9'.repeat(48)}`;
      const to = empty();
      to.core.methods.insert({ id: other, name: 'SHAP', composition: other }, at(1));
      await imported(to, bytes);
      expect(namesIn(to)).toContain('SHAP');
      expect(to.core.methods.get(lime.id)?.name).toBe('LIME');
      // By the 16 digits alone, as ids were once, it would be taken for the other.
      const early = empty();
      const short = lime.id.slice(0, 25);
      early.core.methods.insert({ id: short, name: 'SHAP', composition: other }, at(1));
      const files = new Map(await readZip(bytes));
      const path = `datasets/mnist/maps/${lime.id}.npy`;
      const map = files.get(path) ?? new Uint8Array();
      relisted((all) => {
        all.delete(path);
        all.set(`datasets/mnist/maps/${short}.npy`, map);
        for (const file of ['events.csv', 'trials.csv', 'config.json', 'roar/mnist/scores.csv']) {
          rewrite(file, (t) => t.replaceAll(lime.id, short))(all);
        }
        rewrite('manifest.json', (t) =>
          t
            .replaceAll(`"id": "${lime.id}"`, `"id": "${short}"`)
            .replaceAll(`"method": "${lime.id}"`, `"method": "${short}"`)
            .replaceAll(/^( *)"imported-[0-9a-f]{64}"(,?)$/gm, `$1"${short}"$2`),
        )(all);
      })(files);
      await expect(imported(early, await writeZip(files))).rejects.toMatchObject({
        data: {
          code: 'conflict',
          message: expect.stringContaining(
            `method LIME has the id ${short}, which is that of SHAP here, another method`,
          ) as string,
        },
      });
      expect(namesIn(early)).toEqual(['SHAP']);
      // Where nothing is in its way it comes under the id that it had.
      const fresh = empty();
      await imported(fresh, await writeZip(files));
      expect(fresh.core.methods.get(short)?.composition).toBe(lime.composition);
      await expect(
        (async () => {
          const there = empty();
          there.core.methods.insert({ ...lime, name: 'LIME' }, at(1));
          return imported(there, await writeZip(files));
        })(),
      ).rejects.toMatchObject({
        data: { message: expect.stringContaining('is here as LIME under another id') as string },
      });
    });
  });

  test('takes the next version where its name and version are taken', async () => {
    const bytes = await archive();
    const to = empty();
    to.core.studies.insert({
      ...{ id: id('study', 'b'), name: 'Pilot', version: 1, previous: null, origin: 'imported' },
      ...{ state: 'closed', config: null, hash: null, job: null, revealedAt: null },
      ...{ createdAt: at(1), closedAt: at(1) },
    });
    expect(await imported(to, bytes)).toMatchObject({ version: 2 });
    await expect(imported(to, bytes)).rejects.toMatchObject({
      data: { code: 'conflict', message: expect.stringContaining('here already') as string },
    });
  });
});

describe('a bad archive is refused, names what is wrong and leaves nothing behind', () => {
  test('a run that was measured by what is not known here', async () => {
    const files = new Map(await readZip(await archive()));
    rewrite('manifest.json', (t) => t.replace('"protocol": "paper"', '"protocol": "x9-centre"'))(
      files,
    );
    const to = empty();
    await expect(imported(to, await writeZip(files))).rejects.toMatchObject({
      data: {
        code: 'conflict',
        message: expect.stringContaining('was measured by x9-centre, which is not known') as string,
      },
    });
    expectEmpty(to.core);
  });

  test.each<[string, Change, RegExp]>([
    [
      'a changed file',
      rewrite('events.csv', (t) => t.replace('rate', 'Rate')),
      /events\.csv is not what manifest\.json says/,
    ],
    ['a missing file', (f) => f.delete('raters.csv'), /raters\.csv is missing/],
    ['no manifest', (f) => f.delete('manifest.json'), /manifest\.json is missing/],
    ['another manifest', rewrite('manifest.json', () => '{}'), /not that of a study/],
    [
      'a manifest that is no JSON',
      rewrite('manifest.json', () => 'x'),
      /manifest\.json is not JSON/,
    ],
    [
      'a newer format',
      rewrite('manifest.json', (t) => t.replace('"formatVersion": 1', '"formatVersion": 2')),
      /newer version/,
    ],
    [
      'a bad cell',
      relisted(rewrite('events.csv', (t) => t.replace(/,rate,/, ',rated,'))),
      /events\.csv, line 2, column action/,
    ],
    [
      'a score of 9',
      relisted(rewrite('events.csv', (t) => t.replace(/,main,0,\d,/, ',main,0,9,'))),
      /events\.csv, line 2, column score/,
    ],
    [
      'a column less',
      relisted(rewrite('raters.csv', (t) => t.replace('ordinal,', ''))),
      /raters\.csv: Line 1 has no column ordinal/,
    ],
    [
      'maps of another composition than their method',
      relisted(
        rewrite('manifest.json', (t) =>
          t.replace(/("method": "smoothgrad",\s*"composition": )"[^"]+"/, '$1"gradient"'),
        ),
      ),
      /maps of smoothgrad of mnist are of gradient, and that the method is smooth\(gradient\)/,
    ],
    [
      'a stranger',
      relisted(rewrite('trials.csv', (t) => t.replace('\nR1,', '\nRX,'))),
      /trials\.csv names the rater RX/,
    ],
    [
      'a label of a stranger, a rater in another case as well',
      relisted(rewrite('events.csv', (t) => t.replace(',R1,', ',r1,'))),
      /events\.csv names the rater r1/,
    ],
    [
      'a label that would count twice',
      relisted(rewrite('events.csv', (t) => t.replace(/,main,0,/, ',main,1,'))),
      /events\.csv: the event event-\d+ is a main trial that is a repeat/,
    ],
    [
      'an event twice',
      relisted(rewrite('events.csv', (t) => t.replace('event-2,', 'event-1,'))),
      /event-1 twice/,
    ],
    [
      'a bad configuration',
      relisted(rewrite('config.json', (t) => t.replace('"grayscale"', '"pink"'))),
      /config\.json: display is "pink"/,
    ],
    ['no configuration', relisted(rewrite('config.json', () => 'null')), /config\.json/],
    [
      'a question that is not asked',
      relisted(rewrite('config.json', (t) => t.replace('"edge-differentiation"', '"edges"'))),
      /events\.csv, line 3, column question: config\.json does not ask edge-differentiation/,
    ],
    [
      'a scale that is too short',
      relisted(rewrite('config.json', (t) => t.replaceAll(/"Medium",\s+"High",\s+/g, ''))),
      /events\.csv, line \d+, column score: a whole number from 1 to 3/,
    ],
    [
      'too few maps',
      relisted((f) => f.set('datasets/mnist/maps/smoothgrad.npy', new Uint8Array(200))),
      /smoothgrad\.npy is not a readable/,
    ],
    [
      'too few scores',
      relisted(rewrite('roar/mnist/scores.csv', (t) => t.replace(/\n[^\n]+\n$/, '\n'))),
      /scores\.csv lacks scores/,
    ],
    [
      'an unknown method',
      relisted(rewrite('config.json', (t) => t.replace('"smoothgrad"', '"sloppygrad"'))),
      /what the method sloppygrad is/,
    ],
  ])('%s', async (_what, change, message) => {
    const bytes = await archive();
    const files = new Map(await readZip(bytes));
    change(files);
    await expectRefused(await writeZip(files), message);
  });

  test('but an archive of before questions had scales is on the default one', async () => {
    const files = new Map(await readZip(await archive()));
    relisted(rewrite('config.json', (t) => t.replaceAll(/,\s+"labels": \[[^\]]*\]/g, '')))(files);
    expect(files.get('config.json')?.toString()).not.toContain('Very Low",');
    const to = empty();
    await imported(to, await writeZip(files));
    expect(to.core.studies.get(studyId)?.config?.questions).toEqual(defaultQuestions);
    expect((await resultsIn(to)).tables).toHaveLength(2 * 7);
  });

  test('but an archive of before models had it may lack what of them was adapted', async () => {
    const files = new Map(await readZip(await archive()));
    rewrite('manifest.json', (text) => {
      const manifest = JSON.parse(text) as Manifest;
      expect(manifest.models.length).toBeGreaterThan(0);
      const models = manifest.models.map((model) => ({ ...model, adapted: undefined }));
      return JSON.stringify({ ...manifest, models });
    })(files);
    const to = empty();
    await imported(to, await writeZip(files));
    expect(to.core.studies.list()).toHaveLength(1);
  });

  test('a truncated file', async () => {
    const bytes = await archive();
    await expectRefused(bytes.subarray(0, bytes.length - 40), /not a whole ZIP/);
    await expectRefused(bytes.subarray(0, 2000), /not a whole ZIP/);
    await expectRefused(new TextEncoder().encode('no archive at all'), /not a whole ZIP/);
  });

  test('a damaged file', async () => {
    const bytes = await archive();
    const damaged = Buffer.from(bytes);
    const place = damaged.indexOf('events.csv') + 200;
    damaged[place] = (damaged[place] ?? 0) ^ 0xff;
    await expectRefused(damaged, /events\.csv (is damaged|is not what)/);
  });

  test.each(['../evil.txt', '/etc/passwd', 'a\\..\\evil', 'C:/evil.txt', 'a/../../evil', './../x'])(
    'a path that leads out: %s',
    async (path) => {
      const stand = 'x'.repeat(path.length);
      const zip = Buffer.from(await writeZip(new Map([[stand, new Uint8Array(4)]])));
      for (let at = zip.indexOf(stand); at >= 0; at = zip.indexOf(stand, at + 1))
        zip.write(path, at);
      await expectRefused(zip, /is no path that belongs in it/);
    },
  );

  test('a path twice', async () => {
    const zip = Buffer.from(
      await writeZip(new Map(['aaa', 'bbb'].map((n) => [n, new Uint8Array(4)]))),
    );
    for (let at = zip.indexOf('bbb'); at >= 0; at = zip.indexOf('bbb', at + 1))
      zip.write('aaa', at);
    await expectRefused(zip, /aaa is in it twice/);
  });

  test('more than there may be', async () => {
    const zip = await writeZip(new Map(['a', 'b'].map((name) => [name, new Uint8Array(1000)])));
    await expect(readZip(zip, { files: 1, bytes: 1e6 })).rejects.toThrow(/2 files, and at most 1/);
    await expect(readZip(zip, { files: 9, bytes: 1500 })).rejects.toThrow(/With b it is larger/);
    // A ZIP that unpacks to more than it states.
    const lying = Buffer.from(zip);
    const size = Buffer.from([0xe8, 0x03, 0, 0]);
    for (let at = lying.indexOf(size); at >= 0; at = lying.indexOf(size, at + 1)) {
      lying.writeUInt32LE(10, at);
    }
    await expect(readZip(lying, { files: 9, bytes: 1500 })).rejects.toThrow(/a is damaged/);
  });

  test('a failure while it is stored', async () => {
    const bytes = await archive();
    const to = empty();
    // The database refuses late, after maps and models went in.
    to.core.database.execute(
      `CREATE TRIGGER full BEFORE INSERT ON rating_events BEGIN SELECT RAISE(ABORT, 'no'); END`,
    );
    await expect(imported(to, bytes)).rejects.toThrow();
    expectEmpty(to.core);
  });

  async function expectRefused(bytes: Uint8Array, message: RegExp): Promise<void> {
    const to = empty();
    await expect(imported(to, bytes)).rejects.toMatchObject({
      data: { code: 'corrupt-file', message: expect.stringMatching(message) as string },
    });
    expectEmpty(to.core);
  }

  function expectEmpty(core: AppParts): void {
    expect(core.studies.list()).toEqual([]);
    expect(core.runs.list()).toEqual([]);
    expect(core.models.list()).toEqual([]);
    expect(core.jobs.list()).toEqual([]);
    expect(core.methods.list()).toEqual([]);
    expect(core.ratingEvents.countAll()).toBe(0);
    expect(core.artifacts.usage().artifacts).toBe(0);
    const { root } = core.artifacts;
    const left = existsSync(root)
      ? readdirSync(root, { recursive: true, withFileTypes: true })
      : [];
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  }
});
