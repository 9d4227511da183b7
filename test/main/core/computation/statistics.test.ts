import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { computeResults } from '../../../../src/main/core/analysis/compute-results';
import {
  resultsIn,
  statisticsEntry,
  statisticsIn,
} from '../../../../src/main/core/computation/statistics';
import {
  computeStatistics,
  type StatisticsInput,
} from '../../../../src/main/core/computation/statistics-work';
import { builtInMethods } from '../../../../src/shared/catalogue/methods';
import { roarSettingsSchema } from '../../../../src/shared/catalogue/roar';
import { bundle } from '../jobs/bundle';
import { usualStudy } from '../analysis/made';

const settings = roarSettingsSchema.parse({});
const methods = builtInMethods.filter(({ id }) => id !== 'sobel');

/** A run of the paper's size, its scores made up by a formula: the time is what is looked at. */
function paperSized(): StatisticsInput {
  const { levels, images, resamples } = settings;
  const size = methods.length * levels.length * images;
  const scores = Float32Array.from({ length: size }, (_, i) => Math.abs(Math.sin(i)));
  return {
    settings,
    levels: levels.map((level) => ({
      level,
      model: null,
      validationAccuracy: 1 - level / 4,
      paperAccuracy: null,
      epochs: 5,
      seconds: 1,
      reused: false,
    })),
    scores: { methods, levels, scores, tied: new Float32Array(size) },
    resamples,
    resources: installedFiles().resources,
    counts: { train: 60_000, validation: 10_000, classes: 10 },
  };
}

describe('statistics in a worker thread', () => {
  let built: Awaited<ReturnType<typeof bundle>>;
  beforeAll(async () => {
    built = await bundle({ statistics: 'src/main/core/computation/statistics-worker.ts' });
  });
  afterAll(() => built.remove());

  it('is found beside the built module', () => {
    const entry = join(built.folder, 'statistics.js');
    expect(statisticsEntry(pathToFileURL(join(built.folder, 'cli.js')).href)).toBe(entry);
    expect(statisticsEntry(pathToFileURL(join(built.folder, 'chunks', 'a.js')).href)).toBe(entry);
  });

  it('equal those computed here, while the event loop stays awake', async () => {
    const input = paperSized();
    let longest = 0;
    let last = performance.now();
    const ticker = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const answer = await statisticsIn(join(built.folder, 'statistics.js'), input);
    clearInterval(ticker);
    expect(answer).toEqual(computeStatistics(input));
    expect(answer.curves).toHaveLength(10);
    expect(longest).toBeLessThan(1000);
  });

  it('of ratings come from the same thread, and equal those computed here', async () => {
    const input = usualStudy(4, 200);
    const answer = await resultsIn(join(built.folder, 'statistics.js'), input);
    expect(answer).toEqual(computeResults(input));
    expect(await resultsIn(null, input)).toEqual(answer);
    const refused = resultsIn(join(built.folder, 'statistics.js'), { ...input, resamples: 0 });
    await expect(refused).rejects.toMatchObject({ data: { code: 'internal' } });
  });

  it('are computed here where the thread was not built', async () => {
    const input = { ...paperSized(), resamples: 100, resources: null };
    expect(statisticsEntry()).toBeNull();
    const answer = await statisticsIn(null, input);
    expect(answer).toEqual(computeStatistics(input));
    expect(answer.claims).toEqual([]);
  });

  it('end with the application, however long they would take', async () => {
    const closing = new AbortController();
    const input = { ...paperSized(), resamples: 100_000 };
    const failure = statisticsIn(join(built.folder, 'statistics.js'), input, closing.signal);
    const startedAt = performance.now();
    setTimeout(() => closing.abort(), 200);
    await expect(failure).rejects.toThrow('ended');
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('pass on what goes wrong', async () => {
    const input = { ...paperSized(), resources: '/nowhere' };
    const failure = statisticsIn(join(built.folder, 'statistics.js'), input);
    await expect(failure).rejects.toMatchObject({ data: { code: 'corrupt-file' } });
  });
});
