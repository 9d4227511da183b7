import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactStore } from '../../../../../src/main/core/artifacts/artifact-store';
import { type Database, openDatabase } from '../../../../../src/main/core/storage/database';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';
import { drawOrder } from '../../../../../src/main/core/studies/design/draw-order';
import { exampleMap, isExampleKind } from '../../../../../src/main/core/studies/design/examples';
import { StudyPictures } from '../../../../../src/main/core/studies/design/study-pictures';
import {
  RatersRepository,
  type StoredTrial,
} from '../../../../../src/main/core/studies/raters-repository';
import {
  type StoredStudy,
  StudiesRepository,
} from '../../../../../src/main/core/studies/studies-repository';
import { builtInMethods } from '../../../../../src/shared/catalogue/methods';
import { scriptedLabels, shadeOf } from '../study-engine';
import { refusalOf, StudyWorld } from '../study-world';

/** Works on the rows and files that an application left behind. */
describe('the pictures and orders of a prepared study', () => {
  let dataDir: string;
  let database: Database;
  let core: { studies: StudiesRepository; raters: RatersRepository; artifacts: ArtifactStore };
  let study: StoredStudy;
  let trials: StoredTrial[];

  beforeAll(async () => {
    const world = await StudyWorld.make();
    const { id } = await world.open('Pictures', {
      design: { practice: 4, instructedChecks: 1, flatChecks: 1 },
    });
    await world.app.close();
    dataDir = world.dataDir;
    const path = join(dataDir, 'studio.sqlite');
    database = openDatabase({ path, migrations: installedFiles().migrations });
    const root = join(dataDir, 'artifacts');
    core = {
      studies: new StudiesRepository(database),
      raters: new RatersRepository(database),
      artifacts: new ArtifactStore({ root, database, now: () => new Date() }),
    };
    const found = core.studies.get(id);
    if (!found) throw new Error('the study is gone');
    study = found;
    trials = order('AB23', 0);
  });
  afterAll(async () => {
    database.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  function order(code: string, ordinal: number): StoredTrial[] {
    const id = `rater_${'abcdefgh'.charAt(ordinal).repeat(16)}`;
    core.raters.insert({ id, study: study.id, code, ordinal, createdAt: '2026-01-01T00:00:00Z' });
    const rater = core.raters.get(id);
    if (!rater) throw new Error('the rater is gone');
    const drawn = drawOrder(core, study, rater);
    core.raters.putTrials(id, drawn);
    return core.raters.trials(id);
  }

  it('are of one length, whatever is shown, and each its own', async () => {
    const pictures = new StudyPictures(core);
    for (const trial of trials) {
      const { image, map, className } = await pictures.forTrial(study, trial);
      const index = Number(trial.image);
      expect(image.shape).toEqual([28, 28, 4]);
      expect(map.shape).toEqual([28, 28, 4]);
      expect(map.data).toHaveLength(28 * 28 * 4);
      expect([...image.data.subarray(0, 4)]).toEqual([
        ...[shadeOf(index), shadeOf(index), shadeOf(index), 255],
      ]);
      expect(className).toBe(String(scriptedLabels[index]));
      if (isExampleKind(trial.method)) {
        const pixels = new Uint8Array(784).fill(shadeOf(index));
        const expected = exampleMap(
          trial.method,
          { shape: [28, 28, 1], data: pixels },
          'grayscale',
        );
        expect(map.data).toEqual(new Uint8Array(expected));
        continue;
      }
      const method = builtInMethods.find(({ id }) => id === trial.method);
      const lit = (index + (method?.composition.length ?? 0)) % 784;
      const bright = Array.from({ length: 784 }, (_, i) => map.data[i * 4]).flatMap((level, i) =>
        level === 255 ? [i] : [],
      );
      expect(bright).toEqual([lit]);
    }
    expect(await pictures.largest(study)).toEqual([28, 28]);
    const first = trials[0];
    if (!first) throw new Error('no trials');
    expect((await pictures.forTrial(study, first)).map).toBe(
      (await pictures.forTrial(study, first)).map,
    );
  });

  it('follow the study’s display and reduction', async () => {
    const { config } = study;
    const main = trials.find(({ kind }) => kind === 'main');
    if (!config || !main) throw new Error('no trials');
    const shown = async (change: Partial<typeof config>) => {
      const other = { ...study, config: { ...config, ...change } };
      return (await new StudyPictures(core).forTrial(other, main)).map.data;
    };
    const lit = (data: Uint8Array) => {
      const strongest = data.findIndex((level, i) => i % 4 === 0 && level !== data[0]);
      return strongest < 0 ? null : [...data.subarray(strongest, strongest + 3)];
    };
    expect(lit(await shown({}))).toEqual([255, 255, 255]);
    // The scripted maps have one negative pixel: blue where the sign shows, nothing where it must be positive.
    expect(lit(await shown({ display: 'diverging' }))).toEqual([33, 102, 172]);
    expect(lit(await shown({ reduction: 'positive' }))).toBeNull();
  });

  it('are evened out over raters from what is stored', () => {
    const second = order('CD45', 1);
    const names = (list: StoredTrial[]) =>
      list.filter(({ kind }) => kind === 'main').map(({ image, method }) => `${image} ${method}`);
    expect(new Set(names(second))).toEqual(new Set(names(trials)));
    expect(names(second)).not.toEqual(names(trials));
    expect(trials.slice(0, 4).map(({ method }) => method)).toEqual([
      ...['outline', 'blob', 'dots', 'flat'],
    ]);
    const counts = core.raters.pairCounts(study.id);
    expect(counts).toHaveLength(12);
    expect(counts.every(({ count }) => count === 2)).toBe(true);
  });

  it('say what is missing or damaged', async () => {
    const pictures = new StudyPictures(core);
    const trial = { kind: 'main' as const, dataset: 'mnist', image: '59', method: 'smoothgrad' };
    expect(await refusalOf(pictures.forTrial(study, trial))).toMatchObject({ code: 'conflict' });
    const known = { ...trial, image: trials.find(({ kind }) => kind === 'main')?.image ?? '' };
    expect(await refusalOf(pictures.forTrial(study, { ...known, method: 'sobel' }))).toMatchObject({
      code: 'conflict',
    });
    const draft = { ...study, id: 'study_aaaaaaaaaaaaaaaa' };
    const rater = core.raters.byCode(study.id, 'AB23');
    if (!rater) throw new Error('the rater is gone');
    expect(() => drawOrder(core, draft, rater)).toThrow(/no maps to rate yet/);
    const map = core.studies.maps(study.id).find(({ method }) => method === 'smoothgrad');
    await writeFile(await core.artifacts.open(map?.artifact ?? ''), 'damaged');
    const refusal = await refusalOf(pictures.forTrial(study, known));
    expect(['corrupt-file', 'not-found']).toContain(refusal?.code);
  });
});
