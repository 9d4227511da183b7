import { describe, expect, it } from 'vitest';
import { batchesFor, inProportion } from '../../src/shared/catalogue/batch-sizes';
import { builtInNetworks, mnistCnn, resnet18 } from '../../src/shared/catalogue/networks';
import { defaultRecipe } from '../../src/shared/catalogue/suggestions';
import { settingsOf } from '../fixtures/datasets';

const square = (side: number, options: Record<string, string> = {}) => ({
  inputShape: [side, side, 3] as const,
  options,
});

describe('batches of larger images', () => {
  it('are the plan’s up to 64 x 64, whatever the options', () => {
    for (const network of builtInNetworks) {
      const { batches } = network;
      expect(batchesFor(batches, network, square(64))).toEqual(batches);
    }
    const small = square(64, { stem: 'small' });
    expect(batchesFor(resnet18.batches, resnet18, small)).toEqual(resnet18.batches);
  });

  it('have a tenth at 224 x 224, of gradients a sixth, are 1 at least and never more than for smaller ones', () => {
    const at = (side: number, options = {}) =>
      batchesFor(resnet18.batches, resnet18, square(side, options));
    expect(at(224)).toEqual({ train: 12, gradient: 15, forward: 15 });
    expect(at(1024)).toEqual({ train: 1, gradient: 1, forward: 1 });
    expect(at(224, { stem: 'small' })).toEqual({ train: 1, gradient: 1, forward: 1 });
    let before = at(64);
    for (let side = 65; side <= 512; side += 1) {
      const now = at(side);
      expect(now.gradient).toBeLessThanOrEqual(before.gradient);
      expect(now.train).toBeLessThanOrEqual(before.train);
      expect([150, 50, 15, 8, 5, 1]).toContain(now.gradient);
      before = now;
    }
  });

  it('keep what a person measured in proportion', () => {
    const plan = { train: 128, gradient: 75, forward: 600 };
    expect(batchesFor(plan, resnet18, square(32))).toEqual(plan);
    expect(batchesFor(plan, resnet18, square(224))).toEqual({
      train: 12,
      gradient: 8,
      forward: 60,
    });
    expect(inProportion(250, mnistCnn, square(224))).toBe(25);
  });
});

describe('the recipe of large images', () => {
  const of = (side: number) => {
    const { dataset, networks } = settingsOf('mnist');
    const own = { ...dataset, shape: [side, side, 3] as [number, number, number], classes: 5 };
    return { dataset: { ...own, suggestion: null }, networks };
  };

  it('takes fewer a step, at a rate that is less in proportion', () => {
    expect(defaultRecipe(of(64), resnet18)).toEqual(resnet18.recipe);
    const large = { ...resnet18.recipe, batchSize: 12, learningRate: 0.0094 };
    expect(defaultRecipe(of(224), resnet18)).toEqual(large);
  });

  it('leaves Adam’s rate as it is', () => {
    const { batchSize, learningRate } = defaultRecipe(of(224), mnistCnn);
    expect([batchSize, learningRate]).toEqual([12, mnistCnn.recipe.learningRate]);
  });
});
