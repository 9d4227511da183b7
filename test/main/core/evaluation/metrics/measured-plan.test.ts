import { expect, it } from 'vitest';
import { measuredMetric } from '../../../../../src/main/core/evaluation/metrics/measured';
import { stagesOf } from '../../../../../src/main/core/jobs/run-plan';
import { builtInMethods } from '../../../../../src/shared/catalogue/methods';
import { MetricCatalogue, type MetricDescriptor } from '../../../../../src/shared/catalogue/metric';
import { integer } from '../../../../../src/shared/catalogue/parameter';
import { roarSettings } from '../../../../fixtures/datasets';
import { centreDescriptor } from '../../../../fixtures/stand-ins/metric';
import { planInputs, planParts } from './plan-inputs';

const descriptor: MetricDescriptor = {
  ...centreDescriptor,
  id: 'wobble',
  result: 'curve',
  parameters: { draws: integer({ label: 'Draws', low: 1, high: 99, default: 4 }) },
  cost: { forwardPasses: [2, 'draws'], gradients: ['draws'] },
};
const rates = { trainImagesPerSecond: 1000, gradientsPerSecond: 500, forwardImagesPerSecond: 2000 };
const methods = builtInMethods.filter(({ id }) => ['vanilla-gradient', 'random'].includes(id));

it('measuring is forecast by the forward passes and gradients of the metric’s own settings', async () => {
  const { parts } = planParts();
  const settings = roarSettings({ images: 10, levels: [0, 0.5] });
  const costs = async (metric?: Record<string, number>) => {
    const inputs = planInputs({ ...settings, metric }, methods, { rates });
    const stages = stagesOf(await measuredMetric(descriptor).plan(parts, inputs));
    return stages.find(({ id }) => id === 'score')?.items.map(({ cost }) => cost);
  };
  // 10 images by 2 methods at 2 levels, each 2 forward passes and 1 gradient a draw.
  const each = (draws: number) => 40 * ((2 * draws) / 2000 + draws / 500);
  expect((await costs({ draws: 10 }))?.[0]).toBeCloseTo(each(10), 9);
  // What a run stored before the setting was there has its default.
  expect((await costs())?.[0]).toBeCloseTo(each(4), 9);
});

it('a cost is asked of what is measured, by settings that the metric has', () => {
  expect(() => measuredMetric({ ...descriptor, cost: undefined })).toThrow(
    'wobble is measured and has no cost',
  );
  const cost = { forwardPasses: ['steps'], gradients: [0] };
  expect(() => new MetricCatalogue([{ ...descriptor, cost }])).toThrow('wobble costs by steps');
});
