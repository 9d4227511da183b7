import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initialise } from '../../../src/engine/models/initialise';
import { drawnMasks } from '../../../src/engine/saliency/rise';
import { upsample } from '../../../src/engine/saliency/upsample';
import { valueAt } from '../../../src/shared/checked-reads';
import { createModel } from '../networks';
import { uniform } from '../support';
import { analyticModel, maps, relativeError, runtime } from './models';

const { kernels } = runtime;
const cnn = createModel(kernels, 'mnist-cnn', { mean: [0.1], std: [0.3] });
initialise(kernels, cnn, 5);
afterAll(() => cnn.dispose());

let before = 0;
beforeEach(() => {
  before = runtime.tf.memory().numTensors;
});
afterEach(() => {
  expect(runtime.tf.memory().numTensors).toBe(before);
});

/** Images of 28 x 28, and each of them by itself. */
const images = uniform(3 * 784, 4);
const alone = (image: number) => images.subarray(image * 784, (image + 1) * 784);

/** S(x) = w · x over an image of one channel. */
function linear(weights: readonly number[], height: number, width: number) {
  return analyticModel({
    shape: [height, width, 1],
    classes: 2,
    logits: (x) => [weights.reduce((sum, w, i) => sum + w * valueAt(x, i), 0), 0],
    gradient: () => weights,
  });
}

describe('bilinear interpolation', () => {
  it('is PyTorch’s without aligned corners', () => {
    // F.interpolate(torch.tensor([[[[1., 2.], [3., 4.]]]]), (4, 4), mode='bilinear')
    expect([...upsample([1, 2, 3, 4], [2, 2], [4, 4])]).toEqual([
      ...[1, 1.25, 1.75, 2],
      ...[1.5, 1.75, 2.25, 2.5],
      ...[2.5, 2.75, 3.25, 3.5],
      ...[3, 3.25, 3.75, 4],
    ]);
    expect([...upsample([3, 5], [1, 2], [2, 3])]).toEqual([3, 4, 5, 3, 4, 5]);
    expect([...upsample([1, 2, 3, 4], [2, 2], [2, 2])]).toEqual([1, 2, 3, 4]);
  });
});

describe('Grad-CAM', () => {
  it('is relu(Σ mean gradient × activation), brought to the image’s size', async () => {
    const map = await maps(cnn, alone(1), 'grad-cam', {}, { labels: [3] });
    expect(map).toHaveLength(784);
    const { tf } = runtime;
    const { coarse, side } = tf.tidy(() => {
      const x = tf.tensor4d(
        alone(1).map((pixel) => (pixel - Math.fround(0.1)) / Math.fround(0.3)),
        [1, 28, 28, 1],
      );
      const of = cnn.activationsAndGradients(x, tf.tensor1d([3], 'int32'), 'selu2');
      const alpha = of.gradients.mean([1, 2], true);
      const weighted = of.activations.mul(alpha).sum(3).relu();
      return { coarse: weighted.dataSync<'float32'>(), side: weighted.shape[1] ?? 0 };
    });
    expect(side).toBe(14);
    expect(relativeError(map, upsample(coarse, [14, 14], [28, 28]))).toBeLessThan(1e-5);
    const labels = Array.from({ length: 10 }, (_, label) => label);
    const every = new Float32Array(labels.flatMap(() => [...alone(1)]));
    const all = await maps(cnn, every, 'grad-cam', {}, { labels });
    expect(Math.min(...all)).toBe(0);
    expect(Math.max(...all)).toBeGreaterThan(0);
  });

  it('takes layers from the last on, of the score that is asked for', async () => {
    const of = (parameters: object) => maps(cnn, alone(0), 'grad-cam', parameters);
    const last = await of({});
    expect(await of({ camLayer: 2 })).not.toEqual(last);
    expect(await of({ score: 'probability' })).not.toEqual(last);
    await expect(of({ camLayer: 3 })).rejects.toMatchObject({
      data: { field: 'camLayer', accepted: 'from 1 to 2: 1 is selu2, 2 is selu1' },
    });
    await expect(
      maps(linear([1, 2], 1, 2), Float32Array.of(1, 1), 'grad-cam'),
    ).rejects.toMatchObject({ data: { field: 'camLayer' } });
  });
});

describe('occlusion', () => {
  it('is the mean of what the logit loses over the squares that cover a pixel', async () => {
    const weights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    const image = new Float32Array(16).fill(1);
    // A window of 2 that moves by 2: four blocks, each with its sum.
    const blocks = await maps(linear(weights, 4, 4), image, 'occlusion', {
      ...{ occlusionWindow: 0.5, occlusionStrides: 2 },
    });
    expect([...blocks]).toEqual([
      ...[14, 14, 22, 22],
      ...[14, 14, 22, 22],
      ...[46, 46, 54, 54],
      ...[46, 46, 54, 54],
    ]);
    // One that moves by 1 covers the middle four times, as Captum’s Occlusion has it.
    const dense = await maps(linear(weights, 4, 4), image, 'occlusion', {
      ...{ occlusionWindow: 0.5, occlusionStrides: 4 },
    });
    expect([...dense]).toEqual([
      ...[14, 16, 20, 22],
      ...[22, 24, 28, 30],
      ...[38, 40, 44, 46],
      ...[46, 48, 52, 54],
    ]);
  });

  it('cuts the last squares at the border, and leaves no pixel out', async () => {
    // 3 of 5 pixels, by 3: at 0 and at 3, the last of which has two columns left.
    const of = (width: number, strides: number, window: number) =>
      maps(
        linear(new Array<number>(width * width).fill(1), width, width),
        ones(width),
        'occlusion',
        {
          ...{ occlusionWindow: window, occlusionStrides: strides },
        },
      );
    const ones = (width: number) => new Float32Array(width * width).fill(1);
    const five = await of(5, 2, 0.6);
    expect([...five.subarray(0, 5)]).toEqual([9, 9, 9, 6, 6]);
    // 3 of 6 pixels, by 2: at 0, 2 and 4.
    const six = await of(6, 3, 0.5);
    expect([...six.subarray(0, 6)]).toEqual([9, 9, 9, 9, 7.5, 6]);
    await expect(of(8, 2, 0.25)).rejects.toMatchObject({ data: { field: 'occlusionStrides' } });
  });

  it('shows the baseline that is asked for', async () => {
    const model = linear([1, 2, 3, 4], 2, 2);
    const image = Float32Array.of(1, 0, 0, 1);
    const options = { occlusionWindow: 0.5, occlusionStrides: 2 };
    expect([...(await maps(model, image, 'occlusion', options))]).toEqual([1, 0, 0, 4]);
    const white = await maps(model, image, 'occlusion', { ...options, baseline: 'white' });
    expect([...white]).toEqual([0, -2, -3, 0]);
  });
});

describe('RISE', () => {
  it('weighs its masks by the probability that they leave', async () => {
    const weights = uniform(24, 3);
    const model = linear([...weights], 4, 6);
    const image = uniform(24, 8);
    const options = { masks: 40, maskGrid: 2, maskOpen: 0.4 };
    const map = await maps(model, image, 'rise', options, { indices: [9], seed: 2 });
    const drawn = drawnMasks({ seed: 2, image: 9, shape: [4, 6, 1], grid: 2, open: 0.4 });
    const sums = new Float64Array(24);
    for (let i = 0; i < 40; i += 1) {
      const mask = drawn();
      const left = mask.reduce(
        (sum, open, p) => sum + open * valueAt(weights, p) * valueAt(image, p),
        0,
      );
      mask.forEach((open, p) => {
        sums[p] = valueAt(sums, p) + open / (1 + Math.exp(-left)) / (40 * 0.4);
      });
    }
    const least = Math.min(...sums);
    const above = sums.map((sum) => sum - least);
    expect(relativeError(map, above)).toBeLessThan(1e-6);
    expect(Math.min(...map)).toBe(0);
  });

  it('has masks from 0 to 1, as open as is asked for, everywhere', () => {
    const drawn = drawnMasks({ seed: 1, image: 0, shape: [10, 14, 3], grid: 4, open: 0.3 });
    const sums = new Float64Array(140);
    for (let i = 0; i < 3000; i += 1) {
      const mask = drawn();
      expect(mask).toHaveLength(140);
      mask.forEach((open, p) => (sums[p] = valueAt(sums, p) + open / 3000));
      if (i > 0) continue;
      expect(Math.min(...mask)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...mask)).toBeLessThanOrEqual(1);
    }
    for (const mean of sums) expect(Math.abs(mean - 0.3)).toBeLessThan(0.05);
  });

  it('finds the pixels that a class depends on', async () => {
    const inside = (p: number) => p % 12 >= 6 && p >= 72;
    const weights = Array.from({ length: 144 }, (_, p) => (inside(p) ? 0.2 : 0));
    const image = new Float32Array(144).fill(1);
    const map = await maps(linear(weights, 12, 12), image, 'rise', { masks: 400, maskGrid: 4 });
    const mean = (which: boolean) => {
      const own = map.filter((_, p) => inside(p) === which);
      return own.reduce((sum, value) => sum + value, 0) / own.length;
    };
    expect(mean(true)).toBeGreaterThan(mean(false) * 1.5);
  });
});

describe('direct operators', () => {
  const few = { masks: 20, occlusionStrides: 4 };

  it.each(['grad-cam', 'occlusion', 'rise', 'mean-square(gradient)'])(
    '%s is an image’s own, whatever stands beside it and however it is batched',
    async (composition) => {
      const at = { indices: [5, 6, 7], labels: [1, 2, 3] };
      const progress: number[] = [];
      const all = await maps(cnn, images, composition, few, {
        ...at,
        report: ({ done, total }) => progress.push(done / total),
      });
      const one = await maps(cnn, alone(2), composition, few, { indices: [7], labels: [3] });
      expect(one).toEqual(all.subarray(2 * 784));
      expect(progress.at(-1)).toBe(1);
      expect(progress).toEqual(progress.toSorted((a, b) => a - b));
      const abort = new AbortController();
      abort.abort();
      await expect(
        maps(cnn, images, composition, few, { ...at, signal: abort.signal }),
      ).rejects.toMatchObject({ code: 'cancelled' });
    },
  );

  it('SmoothGrad squared is smooth’s mean of squares', async () => {
    const squared = await maps(cnn, alone(0), 'mean-square(gradient)', { n: 4 });
    const smooth = { n: 4, smoothAggregate: 'mean-square' } as const;
    expect(squared).toEqual(await maps(cnn, alone(0), 'smooth(gradient)', smooth));
  });
});
