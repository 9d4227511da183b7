import fc from 'fast-check';
import { expect, it } from 'vitest';
import { roarStages } from '../../../../src/main/core/jobs/costs';
import { paperMethods } from '../../../../src/shared/catalogue/methods';
import { builtInCatalogues } from '../../../../src/shared/catalogue/catalogues';
import { datasetEntry, roarSettings } from '../../../fixtures/datasets';

const { operators } = builtInCatalogues;

const counts = datasetEntry('mnist');

it('every item of a run has a name of its own, however near its levels are', () => {
  const level = fc.oneof(
    fc.double({ min: 1e-12, max: 1, noNaN: true }),
    // A hair beside each other.
    fc.integer({ min: 1, max: 9 }).map((n) => 0.5 + n * 1e-6),
  );
  const levels = fc
    .uniqueArray(level, { minLength: 1, maxLength: 20 })
    .map((some) => [0, ...some.sort((a, b) => a - b)]);
  fc.assert(
    fc.property(levels, fc.integer({ min: 1, max: 1000 }), (chosen, images) => {
      const settings = { ...roarSettings(), levels: chosen, images };
      for (const { items } of roarStages(operators, settings, paperMethods, counts, null)) {
        expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      }
    }),
  );
});

it('costs are seconds by measured rates', () => {
  const rates = {
    trainImagesPerSecond: 1000,
    gradientsPerSecond: 500,
    forwardImagesPerSecond: 10_000,
  };
  const settings = roarSettings({ levels: [0, 0.5], images: 300 });
  const [train, maps, score] = roarStages(operators, settings, paperMethods, counts, rates);
  expect(train?.items.map(({ cost }) => cost)).toEqual(new Array(10).fill(60 + 1));
  // 256 images and 44 of the method with most gradients: 750 each.
  expect(maps?.items.slice(-2).map(({ cost }) => cost)).toEqual([
    (256 * 750) / 500 + 0.0256,
    (44 * 750) / 500 + 0.0044,
  ]);
  expect(score?.items.map(({ cost }) => cost)).toEqual([0.27, 0.27]);
});
