import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { studyResults } from '../../../../src/main/core/analysis/computations';
import { computeResults } from '../../../../src/main/core/analysis/compute-results';
import { computeIn, threadEntry } from '../../../../src/main/core/computation/thread';
import {
  runStatistics,
  type StatisticsInput,
  summarise,
} from '../../../../src/main/core/evaluation/statistics';
import { runClaims } from '../../../../src/main/core/paper/claims/computations';
import { loadPaper } from '../../../../src/main/core/paper/paper';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { builtInMethods } from '../../../../src/shared/catalogue/methods';
import { usualStudy } from '../analysis/made';
import { bundle } from '../jobs/bundle';
import { fullOf, roarSettings } from '../../../fixtures/datasets';

const settings = roarSettings({});
const methods = builtInMethods.filter(({ id }) => id !== 'sobel');

const levelsOf = (levels: readonly number[]) =>
  levels.map((level) => ({
    level,
    model: null,
    validationAccuracy: 1 - level / 4,
    paperAccuracy: null,
    epochs: 5,
    seconds: 1,
    reused: false,
  }));

/** A run of the paper's size, its scores made up by a formula: the time is what is looked at. */
function paperSized(): StatisticsInput {
  const { levels, images, resamples } = settings;
  const size = methods.length * levels.length * images;
  const scores = Float32Array.from({ length: size }, (_, i) => Math.abs(Math.sin(i)));
  const { seed } = settings;
  const metric = { better: 'lower', result: 'curve' } as const;
  return {
    metric,
    scores: { methods, levels, scores, tied: new Float32Array(size) },
    seed,
    resamples,
  };
}

describe('statistics in a worker thread', () => {
  let built: Awaited<ReturnType<typeof bundle>>;
  let thread = '';
  beforeAll(async () => {
    built = await bundle({ thread: 'src/main/core/thread.ts' });
    thread = join(built.folder, 'thread.js');
  });
  afterAll(() => built.remove());

  it('is found beside the built module', () => {
    expect(threadEntry(pathToFileURL(join(built.folder, 'cli.js')).href)).toBe(thread);
    expect(threadEntry(pathToFileURL(join(built.folder, 'chunks', 'a.js')).href)).toBe(thread);
  });

  it('equal those computed here, while the event loop stays awake', async () => {
    const input = paperSized();
    let longest = 0;
    let last = performance.now();
    const ticker = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const { curves } = await computeIn(thread, runStatistics, input);
    clearInterval(ticker);
    expect(curves).toEqual(summarise(input).curves);
    expect(curves).toHaveLength(methods.length);
    expect(longest).toBeLessThan(1000);
  });

  it('of ratings come from the same thread, and equal those computed here', async () => {
    const input = usualStudy(4, 200);
    const answer = await computeIn(thread, studyResults, input);
    expect(answer).toEqual(computeResults(input));
    expect(await computeIn(null, studyResults, input)).toEqual(answer);
    const refused = computeIn(thread, studyResults, { ...input, resamples: 0 });
    await expect(refused).rejects.toMatchObject({ data: { code: 'internal' } });
  });

  it('and claims are judged there, as here', async () => {
    const { scores, ...input } = { ...paperSized(), resamples: 100 };
    const evidence = {
      settings,
      levels: levelsOf(settings.levels),
      curves: summarise({ scores, ...input }).curves,
      scores,
      full: fullOf('mnist'),
      counts: { train: 60_000, validation: 10_000, classes: 10 },
    };
    const { resources } = installedFiles();
    const claims = await computeIn(thread, runClaims, { evidence, resources });
    expect(claims).toHaveLength(loadPaper(resources).claims.length);
    expect(await computeIn(null, runClaims, { evidence, resources })).toEqual(claims);
  });

  it('are computed here where the thread was not built', async () => {
    const input = { ...paperSized(), resamples: 100 };
    expect(threadEntry()).toBeNull();
    expect(await computeIn(null, runStatistics, input)).toEqual(summarise(input));
  });

  it('end with the application, however long they would take', async () => {
    const closing = new AbortController();
    const input = { ...paperSized(), resamples: 100_000 };
    const failure = computeIn(thread, runStatistics, input, closing.signal);
    const startedAt = performance.now();
    setTimeout(() => closing.abort(), 200);
    await expect(failure).rejects.toThrow('ended');
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('pass on what goes wrong', async () => {
    const { scores } = paperSized();
    const evidence = {
      settings,
      levels: levelsOf(settings.levels),
      curves: [],
      scores,
      full: fullOf('mnist'),
    };
    const failure = computeIn(thread, runClaims, { evidence, resources: '/nowhere' });
    await expect(failure).rejects.toMatchObject({ data: { code: 'corrupt-file' } });
  });
});
