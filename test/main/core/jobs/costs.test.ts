import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mapCost,
  resizeSeconds,
  scoreCost,
  type Speed,
  trainCost,
} from '../../../../src/main/core/jobs/costs';
import { batchesFor } from '../../../../src/shared/catalogue/batch-sizes';
import { builtInCatalogues } from '../../../../src/shared/catalogue/catalogues';

const rates = { trainImagesPerSecond: 1, gradientsPerSecond: 50, forwardImagesPerSecond: 1e9 };
const of = (gradient: number, forward = 20): Speed => ({
  ...rates,
  batches: { gradient, forward },
});
const label = { target: 'label' } as const;
const network = builtInCatalogues.networks.get('resnet18');
const at = (side: number) =>
  batchesFor(network.batches, network, { inputShape: [side, side, 3], options: {} });

/** Batches as the evaluator runs them: images in groups that share one, each group's gradients in turn. */
function batchesRun(images: number, leaves: number, batch: number): number {
  const places = Math.max(1, Math.floor(batch / leaves));
  const chunk = Math.min(batch, leaves);
  let run = 0;
  for (let start = 0; start < images; start += places) {
    for (let leaf = 0; leaf < leaves; leaf += chunk) run += 1;
  }
  return run;
}

describe('an epoch takes', () => {
  const speed = { ...rates, trainImagesPerSecond: 10, forwardImagesPerSecond: 100 };
  const init = { weights: '0'.repeat(64), head: 'anew', layers: 'all' } as const;
  const cost = (recipe: Parameters<typeof trainCost>[0]) =>
    trainCost(recipe, { train: 500 }, speed);

  it('a pass of training of every image, of the last layer alone one forward', () => {
    expect(cost({ trainLimit: null })).toBe(50);
    expect(cost({ trainLimit: 200, init })).toBe(20);
    expect(cost({ trainLimit: 200, init: { ...init, layers: 'last' } })).toBe(2);
  });
});

describe('resizing takes', () => {
  it('time by the values that are looked at and made, and none where nothing is resized', () => {
    const seconds = (resize: number | null, side = 512) =>
      resizeSeconds(1000, [side, side, 3], { resize });
    expect([seconds(null), seconds(512)]).toEqual([0, 0]);
    // 512 to 64: some milliseconds an image.
    expect(seconds(64)).toBeGreaterThan(2);
    expect(seconds(64)).toBeLessThan(6);
    expect(seconds(256)).toBeGreaterThan(seconds(64));
    expect(seconds(64, 32)).toBeLessThan(seconds(64, 128));
  });
});

describe('what maps take', () => {
  it('is every batch that the evaluator fills up, by the rate of full ones', () => {
    const count = (max: number) => fc.integer({ min: 1, max });
    fc.assert(
      fc.property(count(300), count(800), count(200), (images, leaves, batch) => {
        const seconds = (batchesRun(images, leaves, batch) * batch) / rates.gradientsPerSecond;
        expect(mapCost(images, leaves, of(batch), label)).toBeCloseTo(seconds, 6);
        const inVain =
          mapCost(images, leaves, of(batch), label) - mapCost(images, leaves, rates, label);
        expect(inVain).toBeGreaterThanOrEqual(-1e-9);
      }),
    );
  });

  it('of few images of 224 pixels is a batch, not an image’s share of it', () => {
    const { gradient } = at(224);
    expect(gradient).toBe(15);
    const cost = (images: number, gradients: number) =>
      mapCost(images, gradients, of(gradient), label);
    // One gradient of each of 5 images: 15 are computed.
    expect(cost(5, 1)).toBeCloseTo(15 / 50, 6);
    expect(cost(16, 1)).toBeCloseTo(30 / 50, 6);
    // 15 samples fill a batch, 50 steps four of them.
    expect(cost(5, 15)).toBeCloseTo(75 / 50, 6);
    expect(cost(5, 50)).toBeCloseTo(300 / 50, 6);
    // Seven images share a batch with two samples each.
    expect(cost(7, 2)).toBeCloseTo(15 / 50, 6);
    expect(cost(8, 2)).toBeCloseTo(30 / 50, 6);
  });

  it('of controls, and where no batches are known, is what it was', () => {
    expect(mapCost(5, 0, of(15), label)).toBeCloseTo(5e-9, 12);
    expect(mapCost(5, 3, rates, label)).toBeCloseTo(15 / 50, 6);
  });

  it('has a score of each image before it where the predicted class is explained', () => {
    const speed = { ...of(15), forwardImagesPerSecond: 100 };
    expect(mapCost(5, 15, speed, label)).toBeCloseTo(75 / 50, 6);
    expect(mapCost(5, 15, speed, { target: 'predicted' })).toBeCloseTo(75 / 50 + 20 / 100, 6);
    expect(mapCost(5, 15, speed, { target: 3 })).toBeCloseTo(75 / 50, 6);
  });

  it('scores are whole batches too', () => {
    const speed = { ...rates, forwardImagesPerSecond: 100, batches: { gradient: 15, forward: 20 } };
    expect(scoreCost(5, speed)).toBeCloseTo(0.2, 9);
    expect(scoreCost(21, speed)).toBeCloseTo(0.4, 9);
    expect(scoreCost(5, { ...rates, forwardImagesPerSecond: 100 })).toBeCloseTo(0.05, 9);
  });
});
