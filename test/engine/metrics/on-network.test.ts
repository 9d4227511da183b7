import { afterAll, describe, expect, it } from 'vitest';
import { completenessError } from '../../../src/engine/metrics/completeness';
import { entropyGain } from '../../../src/engine/metrics/histogram-entropy';
import { attributedTo, dropsOf, hiddenSeries } from '../../../src/engine/metrics/infidelity';
import { mapSimilarity } from '../../../src/engine/metrics/map-similarity';
import { maxSensitivity } from '../../../src/engine/metrics/max-sensitivity';
import { movedMaps } from '../../../src/engine/metrics/moved-maps';
import { roadSeries } from '../../../src/engine/metrics/road';
import {
  logitOf,
  modelScorer,
  probabilityOf,
  type Reading,
  scoreSeries,
  type Series,
} from '../../../src/engine/saliency/score-series';
import { drawSquares } from '../../../src/engine/metrics/squares';
import { stepSeries } from '../../../src/engine/metrics/steps';
import { initialise } from '../../../src/engine/models/initialise';
import { randomised } from '../../../src/engine/models/randomised';
import { baselineOf } from '../../../src/engine/saliency/baseline';
import { inputOf } from '../../../src/engine/saliency/input-space';
import { reduceChannels } from '../../../src/engine/saliency/reduction';
import { type MapParameters } from '../../../src/shared/catalogue/parameters';
import { layersFromLogits } from '../../../src/shared/catalogue/network-layers';
import { valueAt } from '../../../src/shared/checked-reads';
import { createModel, networks } from '../networks';
import { maps as makeMaps, requestOf, runtime } from '../saliency/models';
import { uniform } from '../support';
import { ordersOf } from './toys';

const { kernels } = runtime;
const shape = [28, 28, 1] as const;
const input = { mean: [0.1], std: [0.3] };
const model = createModel(kernels, 'mnist-cnn', input);
initialise(kernels, model, 5);
afterAll(() => model.dispose());
const scorer = modelScorer({ runtime, model, forwardBatch: 8 });

const images = uniform(3 * 784, 2).map((value) => (value > 0.7 ? value : 0));
const labels = [3, 1, 7];
const indices = [10, 11, 12];
const take = (positions: readonly number[]) => ({
  images: new Float32Array(positions.flatMap((p) => [...images.subarray(p * 784, (p + 1) * 784)])),
  labels: positions.map((p) => valueAt(labels, p)),
  indices: positions.map((p) => valueAt(indices, p)),
});
const mapsOf = (
  composition: string,
  positions: readonly number[] = [0, 1, 2],
  parameters: Partial<MapParameters> = {},
) => {
  const { images: chosen, ...options } = take(positions);
  return makeMaps(model, chosen, composition, parameters, options);
};

describe('on a network', () => {
  it('scores do not depend on which images stand beside', async () => {
    const maps = reduceChannels(await mapsOf('gradient'), 1, 'absolute');
    const seriesOf = (positions: readonly number[]): [Series, Reading][] => {
      const chosen = take(positions);
      const own = new Float32Array(
        positions.flatMap((p) => [...maps.subarray(p * 784, (p + 1) * 784)]),
      );
      const orders = ordersOf(own, 784, chosen.indices);
      const seen = (image: number) => inputOf(chosen.images, shape, image, input);
      const behind = (image: number) => baselineOf('blur', seen(image), shape, input);
      const ends = { from: behind, to: seen };
      const squares = chosen.indices.map((image) => drawSquares(0, image, shape, 5));
      const hidden = { shape, squares, input: seen, baseline: behind };
      const road = { ...chosen, shape, input, orders, levels: [0, 0.3, 0.9], noise: 0.01, seed: 0 };
      return [
        [roadSeries({ ...road, keep: false }), probabilityOf(chosen.labels)],
        [
          stepSeries({ shape, orders, steps: 4, backwards: false, ...ends }),
          probabilityOf(chosen.labels),
        ],
        [hiddenSeries(hidden), logitOf(chosen.labels)],
      ];
    };
    const scores = async (positions: readonly number[]) =>
      Promise.all(
        seriesOf(positions).map(async ([series, reading]) => {
          const [values = new Float64Array()] = await scoreSeries(series, scorer, [reading]);
          return Array.from({ length: series.images }, (_, image) => [
            ...values.subarray(image * series.steps, (image + 1) * series.steps),
          ]);
        }),
      );
    const all = await scores([0, 1, 2]);
    const turned = await scores([2, 0]);
    expect(turned).toEqual(all.map((of) => [of[2], of[0]]));
    expect(all.flat(2).every(Number.isFinite)).toBe(true);
  });

  it('integrated gradients are complete, and as faithful to a whole image as they are', async () => {
    const raw = await mapsOf('integrate(gradient)', [0], { steps: 100 });
    const seen = inputOf(images, shape, 0, input);
    const zero = new Float32Array(784);
    const whole = [{ top: 0, left: 0, side: 28 }];
    const series = hiddenSeries({
      shape,
      squares: [whole],
      input: () => seen,
      baseline: () => zero,
    });
    const [scores = []] = await scoreSeries(series, scorer, [logitOf(labels)]);
    const [score, without] = [valueAt(scores, 0), valueAt(scores, 1)];
    const error = completenessError(raw, score, without);
    expect(error).toBeLessThan(0.01 * Math.abs(score - without));
    const attribution = { shape, raw, input: seen, baseline: zero, holdsInput: true };
    const sum = valueAt(attributedTo(whole, attribution), 0);
    expect(Math.abs(sum - valueAt(dropsOf(scores), 0))).toBeCloseTo(error, 9);
  });

  it('a control keeps its map at every layer, in a cascade and alone, and a gradient does not', async () => {
    const { descriptor } = networks.get('mnist-cnn');
    const layers = layersFromLogits(descriptor, { inputShape: shape, classes: 10, options: {} });
    const before = new Map<string, Float32Array>();
    for (const method of ['random', 'sobel', 'gradient']) {
      before.set(method, await mapsOf(method, [0]));
    }
    for (const mode of ['cascade', 'independent'] as const) {
      for await (const layer of randomised(kernels, model, { layers, mode, seed: 1 })) {
        for (const [method, map] of before) {
          const reduced = (of: Float32Array) => reduceChannels(of, 1, 'absolute');
          const [one, other] = [reduced(map), reduced(await mapsOf(method, [0]))];
          const similarity = mapSimilarity(one, other, [28, 28]);
          if (method === 'gradient') {
            expect(similarity.spearman, layer.name).toBeLessThan(0.9);
            expect(similarity.ssim, layer.name).toBeLessThan(0.9);
          } else {
            expect(similarity, layer.name).toMatchObject({ spearman: 1, ssim: 1 });
            expect(entropyGain(one, other), layer.name).toBe(0);
          }
        }
      }
    }
    expect(await mapsOf('gradient', [0])).toEqual(before.get('gradient'));
  });

  it('sensitivity moves images with their class and noise held, and a random map not at all', async () => {
    const sensitivityOf = async (composition: string, positions: readonly number[]) => {
      const { images: chosen, ...options } = take(positions);
      const request = requestOf(model, chosen, composition, { n: 3 }, options);
      return maxSensitivity({
        clean: await mapsOf(composition, positions, { n: 3 }),
        size: 784,
        indices: options.indices,
        radius: 0.02,
        draws: 2,
        seed: 0,
        make: movedMaps({ ...request, targets: Int32Array.from(options.labels) }),
      });
    };
    expect(await sensitivityOf('random', [0, 1])).toEqual([0, 0]);
    for (const composition of ['gradient', 'smooth(gradient)', 'sobel']) {
      const all = await sensitivityOf(composition, [0, 1]);
      for (const value of all) {
        expect(value, composition).toBeGreaterThan(0);
        expect(value, composition).toBeLessThan(0.5);
      }
      expect(await sensitivityOf(composition, [1])).toEqual([all[1]]);
    }
  });

  it('moved images keep the noise of the range that they had', async () => {
    const { images: chosen, ...options } = take([0]);
    const clean = inputOf(chosen, shape, 0, input);
    const range = clean.reduce((a, b) => Math.max(a, b)) - clean.reduce((a, b) => Math.min(a, b));
    const targets = Int32Array.from(options.labels);
    const mapsBy = (noise: Partial<MapParameters>) => {
      const parameters = { n: 3, ...noise };
      const request = requestOf(model, chosen, 'smooth(gradient)', parameters, options);
      return movedMaps({ ...request, targets });
    };
    // One pixel moves far out of the range.
    const shifts = new Float32Array(784);
    shifts[400] = 5;
    const held = await mapsBy({ sigmaMode: 'range', sigma: 0.1 })(shifts);
    const same = await mapsBy({ sigmaMode: 'absolute', sigma: 0.1 * range })(shifts);
    expect(held).toEqual(same);
  });
});
