import { describe, expect, it } from 'vitest';
import { manifestJson } from '../../../../../src/main/core/evaluation/report/manifest';
import { overImages } from '../../../../../src/main/core/evaluation/metrics/over-images';
import { overRepetitions } from '../../../../../src/main/core/evaluation/metrics/over-repetitions';
import { roarOutput } from '../../../../../src/main/core/evaluation/report/outputs';
import { compareRuns } from '../../../../../src/main/core/evaluation/roar-compare';
import { runResultSchema } from '../../../../../src/shared/records';
import { summariseRepetitions } from '../../../../../src/statistics/repetition-curves';
import { sampleReport } from './sample-run';

const text = async (...of: Parameters<typeof roarOutput>) =>
  new TextDecoder().decode(await roarOutput(...of));
const said =
  'One image says nothing of others: there are no intervals, and no method ranks before another.';

describe('a run on one image', () => {
  const report = sampleReport({ images: 1 });

  it('ranks no method before another and says so wherever it is shown', async () => {
    const { result } = report;
    expect(result.notes).toEqual([said]);
    expect(new Set(result.curves.map(({ rank }) => rank))).toEqual(new Set([1]));
    expect(runResultSchema.parse(JSON.parse(await text('result.json', report)))).toEqual(result);
    const page = await text('report.html', report);
    expect(page).toContain(said);
    expect(page).not.toMatch(/NaN|null/);
    const manifest = JSON.parse(manifestJson(report, new Map())) as {
      statistics: { interval: string; notes: string[] };
    };
    expect(manifest.statistics.notes).toEqual([said]);
    expect(manifest.statistics.interval).toBe('There are no intervals: there is one image.');
  });

  it('draws curves without bands', async () => {
    const svg = await text('figure.svg', report);
    expect(svg).toContain('data-part="curve"');
    expect(svg).not.toContain('data-part="band"');
    expect(svg).not.toMatch(/NaN|Bands/);
    expect(svg).toContain('One image says nothing of others: there are no intervals');
    expect(await text('figure.svg', sampleReport({ images: 2 }))).toContain('data-part="band"');
  });

  it('is compared with a warning, and without moves of ranks', () => {
    const other = sampleReport({ images: 30 }).result;
    const both = compareRuns(report.result, { ...other, run: { ...other.run, name: 'Larger' } });
    expect(both.notes).toEqual([`ROAR on MNIST: ${said}`]);
    expect(both.methods.every(({ rankA }) => rankA === 1)).toBe(true);
  });
});

describe('notes on few observations', () => {
  const images = 500;

  it('end at five', () => {
    for (const n of [2, 3, 4]) {
      expect(overImages.notes(n, { images })).toEqual([
        `With ${n} images the intervals are rough, and rather too narrow.`,
      ]);
      expect(overRepetitions.notes(n, { images })).toEqual([
        `With ${n} repetitions the intervals are rough: they rest on the spread of ${n} values.`,
      ]);
    }
    for (const over of [overImages, overRepetitions]) expect(over.notes(5, { images })).toEqual([]);
  });

  it('count repetitions where models are retrained, and warn of few images too', () => {
    expect(overRepetitions.notes(1, { images })).toEqual([
      'One repetition says nothing of chance: there are no intervals, and no method ranks before another.',
    ]);
    expect(overRepetitions.notes(5, { images: 3 })).toEqual([
      'Each accuracy is of 3 images: it says little of others.',
    ]);
  });

  it('go with curves of one repetition without intervals', () => {
    const { methods, levels } = sampleReport({ images: 1 }).scores;
    const curves = summariseRepetitions({
      ...{ methods, levels, randomIndex: 0, better: 'lower' },
      accuracies: new Float64Array(methods.length * levels.length).fill(0.5),
      tied: new Float64Array(methods.length * levels.length),
    });
    expect(
      curves.every(({ areaLow, advantageHigh }) => areaLow === null && advantageHigh === null),
    ).toBe(true);
  });
});
