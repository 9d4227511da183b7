import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initialise } from '../../../src/engine/models/initialise';
import { type Model } from '../../../src/engine/models/model';
import { evaluate } from '../../../src/engine/saliency/evaluator';
import { makeMaps, noiseOf } from '../../../src/engine/saliency/make-maps';
import { bindNest } from '../../../src/engine/saliency/nest';
import { predict, targetsOf } from '../../../src/engine/saliency/predict';
import { type Composition, parseComposition } from '../../../src/shared/catalogue/compositions';
import { paperMethods } from '../../../src/shared/catalogue/methods';
import { defaultMapParameters } from '../../../src/shared/catalogue/parameters';
import { valueAt } from '../../../src/shared/checked-reads';
import { createModel } from '../networks';
import {
  analyticModel,
  bitsOf,
  linearModel,
  maps,
  relativeError,
  runtime,
  squareModel,
} from './models';
import { builtInOperators } from '../../../src/engine/saliency/operators';

const count = 7;
/** Blobs of the size of a digit: a bright spot at a different place in each image. */
const images = Float32Array.from({ length: count * 784 }, (_, i) => {
  const image = Math.floor(i / 784);
  const y = Math.floor((i % 784) / 28) - 8 - 2 * image;
  const x = (i % 28) - 20 + 2 * image;
  return Math.exp(-(y * y + 2 * x * x) / 30);
});
const labels = [3, 1, 4, 1, 5, 9, 2];
const indices = [11, 7, 300, 42, 5, 999, 8];
const short = { n: 3, steps: 4 };
const batch = 10;
const composed = [
  ...paperMethods.map(({ composition }) => composition),
  'integrate(smooth(guided))',
  'times-input(integrate(smooth(guided)))',
];

let model: Model;
beforeAll(() => {
  model = createModel(runtime.kernels, 'mnist-cnn');
  initialise(runtime.kernels, model, 1);
});
afterAll(() => model.dispose());

const pick = (order: readonly number[]) => ({
  images: Float32Array.from(order.flatMap((i) => [...images.subarray(i * 784, (i + 1) * 784)])),
  labels: order.map((i) => valueAt(labels, i)),
  indices: order.map((i) => valueAt(indices, i)),
});
const mapsOf = (order: readonly number[], composition: string, parameters = {}) => {
  const chosen = pick(order);
  return maps(model, chosen.images, composition, { ...short, ...parameters }, { ...chosen, batch });
};

describe('evaluator on mnist-cnn', () => {
  it.each(composed)('%s: same bits in any order and with any neighbours', async (composition) => {
    const order = [5, 2, 6, 0, 3, 1, 4];
    const whole = await mapsOf([0, 1, 2, 3, 4, 5, 6], composition);
    const shuffled = await mapsOf(order, composition);
    for (const [place, image] of order.entries()) {
      const expected = bitsOf(whole.subarray(image * 784, (image + 1) * 784));
      expect(bitsOf(shuffled.subarray(place * 784, (place + 1) * 784))).toEqual(expected);
    }
    const alone = await mapsOf([4], composition);
    expect(bitsOf(alone)).toEqual(bitsOf(whole.subarray(4 * 784, 5 * 784)));
    expect(whole.some((value) => value !== 0)).toBe(true);
  });

  it.each(composed)('%s: other batch sizes agree to rounding', async (composition) => {
    const chosen = pick([0, 1, 2]);
    const map = (size: number) =>
      maps(model, chosen.images, composition, short, { ...chosen, batch: size });
    expect(relativeError(await map(7), await map(40))).toBeLessThan(1e-5);
  });

  it('integrate is complete: attributions sum to the difference of scores', async () => {
    const all = pick([0, 1, 2, 3, 4, 5, 6]);
    const scoresOf = async (pixels: Float32Array) => {
      const { logits } = await predict({ runtime, model, images: pixels, forwardBatch: 5 });
      return all.labels.map((label, i) => valueAt(logits, i * 10 + label));
    };
    const scores = await scoresOf(all.images);
    const base = await scoresOf(new Float32Array(all.images.length));
    const differences = scores.map((score, i) => score - valueAt(base, i));
    const errorAt = async (steps: number) => {
      const map = await maps(
        model,
        all.images,
        'integrate(gradient)',
        { steps },
        { ...all, batch },
      );
      const sums = differences.map((_, i) =>
        map.subarray(i * 784, (i + 1) * 784).reduce((sum, value) => sum + value, 0),
      );
      return relativeError(sums, differences);
    };
    // SELU's kink and changing maxima of windows keep Gauss-Legendre from its usual convergence: the
    // error falls about as 1 / steps. Measured, as a share of the largest difference: 3.4e-2 at 4
    // steps, 9.7e-3 at 16, 2.6e-3 at the default 50, 8.1e-4 at 200, 2.5e-4 at 500.
    const [coarse, fine, finer] = [await errorAt(4), await errorAt(50), await errorAt(200)];
    expect(fine).toBeLessThan(5e-3);
    expect(finer).toBeLessThan(1.5e-3);
    expect(fine).toBeLessThan(coarse);
  });

  it('smooth with sigma 0 is its base to rounding of the mean', async () => {
    for (const base of ['gradient', 'guided', 'integrate(gradient)']) {
      const plain = await mapsOf([0, 1, 2], base);
      const smooth = await mapsOf([0, 1, 2], `smooth(${base})`, { sigma: 0, n: 15 });
      // Fifteen equal terms times 1/15 in float32, and gradients at other places of a batch.
      expect(relativeError(smooth, plain)).toBeLessThan(2e-6);
    }
  });

  it('scores: log-probability is the probability gradient over the probability', async () => {
    const { logits } = await predict({ runtime, model, images, forwardBatch: 5 });
    const log = await mapsOf([0], 'gradient', { score: 'log-probability' });
    const probability = await mapsOf([0], 'gradient', { score: 'probability' });
    const row = [...logits.subarray(0, 10)].map(Math.exp);
    const p = (row[valueAt(labels, 0)] ?? 0) / row.reduce((sum, value) => sum + value, 0);
    expect(
      relativeError(
        probability,
        log.map((value) => value * p),
      ),
    ).toBeLessThan(1e-5);
  });

  it('leaves no tensor behind, whatever the method', async () => {
    const before = runtime.tf.memory().numTensors;
    for (const composition of [...composed, 'random', 'sobel']) await mapsOf([0, 1], composition);
    await mapsOf([0, 1], 'integrate(smooth(gradient))', { smoothAggregate: 'variance' });
    expect(runtime.tf.memory().numTensors).toBe(before);
  });
});

describe('evaluator', () => {
  it('runs every backward pass on one full batch and reports gradients', async () => {
    const square = squareModel(2);
    const reports: { done: number; total: number; unit: string }[] = [];
    const pixels = new Float32Array(2 * 5).fill(0.5);
    await maps(
      square,
      pixels,
      'smooth(integrate(gradient))',
      { n: 3, steps: 7 },
      { batch: 10, report: (progress) => reports.push(progress) },
    );
    // 21 points an image: batches of 10, 10 and 1 (filled up), for each of five images.
    expect(square.batches).toEqual(new Array(15).fill(10));
    expect(reports.map(({ done }) => done).slice(0, 4)).toEqual([10, 20, 21, 31]);
    expect(reports.at(-1)).toEqual({ done: 105, total: 105, unit: 'gradients' });
  });

  it('stops within one batch of an abort and lets everything go', async () => {
    const square = squareModel(2);
    const controller = new AbortController();
    const before = runtime.tf.memory().numTensors;
    const work = maps(
      square,
      new Float32Array(10).fill(0.5),
      'integrate(smooth(gradient))',
      { n: 3, steps: 7 },
      {
        batch: 4,
        signal: controller.signal,
        report: ({ done }) => {
          if (done === 8) controller.abort();
        },
      },
    );
    await expect(work).rejects.toMatchObject({ data: { code: 'cancelled' } });
    expect(square.batches).toHaveLength(2);
    expect(runtime.tf.memory().numTensors).toBe(before);
  });

  it('lets everything go when the model fails half-way', async () => {
    const square = squareModel(2);
    let calls = 0;
    const failing = {
      ...square,
      inputGradient: (...args: Parameters<typeof square.inputGradient>) => {
        calls += 1;
        if (calls === 3) throw new Error('no memory');
        return square.inputGradient(...args);
      },
    };
    const before = runtime.tf.memory().numTensors;
    const work = maps(failing, Float32Array.of(1, 2), 'integrate(smooth(gradient))', {}, {});
    await expect(work).rejects.toThrow('no memory');
    expect(runtime.tf.memory().numTensors).toBe(before);
  });

  it('refuses targets and labels that the model does not have', async () => {
    const model = linearModel([1, 2], 3);
    const x = Float32Array.of(1, 1);
    await expect(maps(model, x, 'gradient', { target: 3 })).rejects.toMatchObject({
      data: { code: 'invalid-input', field: 'target', accepted: 'a class from 0 to 2' },
    });
    await expect(maps(model, x, 'gradient', {}, { labels: [7] })).rejects.toMatchObject({
      data: { field: 'labels.0', value: '7' },
    });
    await expect(maps(model, Float32Array.of(1, 1, 1), 'gradient')).rejects.toMatchObject({
      data: { field: 'images.length' },
    });
  });

  it('refuses a wrapper twice, and a control inside a wrapper', async () => {
    const model = linearModel([1, 2]);
    const run = (composition: Composition) =>
      makeMaps({
        runtime,
        model,
        images: Float32Array.of(1, 1),
        labels: [0],
        indices: [0],
        operators: builtInOperators,
        composition,
        parameters: defaultMapParameters,
        seed: 0,
        batch: 4,
        forwardBatch: 4,
      });
    const twice: Composition = { op: 'smooth', of: { op: 'smooth', of: { op: 'gradient' } } };
    await expect(run(twice)).rejects.toMatchObject({ data: { field: 'composition' } });
    const control: Composition = { op: 'smooth', of: { op: 'sobel' } };
    await expect(run(control)).rejects.toMatchObject({ data: { field: 'composition' } });
  });

  it('keeps a broken image from its neighbours in the batch', async () => {
    const broken = analyticModel({
      shape: [1, 1, 1],
      logits: (x) => [valueAt(x, 0)],
      gradient: (x) => (valueAt(x, 0) < 0 ? [NaN] : [2]),
    });
    const images = Float32Array.of(1, -1, 1);
    for (const composition of ['smooth(gradient)', 'integrate(gradient)']) {
      const parameters = { ...defaultMapParameters, n: 2, steps: 2, sigma: 0.01 };
      const nest = bindNest(builtInOperators, parseComposition(composition), parameters);
      // The image, its baseline and, for smooth, its noise.
      const rows = (x: number) => [x, 0, 0.01, -0.01].slice(0, nest.rows);
      const map = await evaluate({
        ...{ runtime, model: broken, nest, score: 'logit', batch: 8 },
        targets: new Int32Array(3),
        basis: (start, end) =>
          runtime.tf.tensor3d([...images.subarray(start, end)].flatMap(rows), [
            end - start,
            nest.rows,
            1,
          ]),
      });
      expect([...map]).toEqual([2, NaN, 2]);
      // Whoever asks for maps is told which it is.
      const refused = maps(broken, images, composition, parameters, { indices: [7, 42, 9] });
      await expect(refused).rejects.toMatchObject({
        data: {
          code: 'invalid-input',
          message: expect.stringContaining(
            `A value of the map ${composition} of image 42 is NaN`,
          ) as string,
        },
      });
    }
  });

  it('refuses a score that is not finite, by the image’s name', async () => {
    const model = analyticModel({
      shape: [1, 1, 1],
      classes: 2,
      logits: (x) => [valueAt(x, 0), valueAt(x, 0) < 0 ? Infinity : 0],
      gradient: () => [1],
    });
    const images = Float32Array.of(1, -1, 1);
    const of = (nameOf?: (position: number) => string) =>
      predict({ runtime, model, images, forwardBatch: 2, ...(nameOf ? { nameOf } : {}) });
    await expect(of()).rejects.toThrow('The model’s score of image 1 is Infinity');
    await expect(of((position) => `photo ${position + 5}`)).rejects.toThrow('of photo 6 is');
    // The predicted class, too, would be a guess.
    const predicted = maps(
      model,
      images,
      'gradient',
      { target: 'predicted' },
      { indices: [7, 42, 9] },
    );
    await expect(predicted).rejects.toThrow('The model’s score of image 42');
  });

  it('finds predicted targets in full batches', async () => {
    const model = linearModel([1], 3);
    const targets = await targetsOf({
      runtime,
      model,
      images: Float32Array.of(1, -1, 0.5, -0.5, 0, 1, -1),
      labels: [],
      target: 'predicted',
      forwardBatch: 4,
    });
    // Logits (x, 2x, 3x): the last for positive x, the first for negative, the first of equals at 0.
    expect([...targets]).toEqual([2, 0, 2, 0, 0, 2, 0]);
  });
});

describe('noise', () => {
  const request = (order: readonly number[], parameters = {}) => ({
    ...pick(order),
    runtime,
    model,
    parameters: { n: 4, sigma: 0.15, sigmaMode: 'absolute' as const, ...parameters },
    seed: 5,
  });

  it('belongs to the image, not to the order or to how many are drawn', () => {
    const whole = noiseOf(request([0, 1, 2]));
    const some = noiseOf(request([2, 0]));
    expect(some.subarray(0, 4 * 784)).toEqual(whole.subarray(2 * 4 * 784));
    const more = noiseOf(request([0], { n: 9 }));
    expect(more.subarray(0, 4 * 784)).toEqual(whole.subarray(0, 4 * 784));
    expect(noiseOf({ ...request([0]), seed: 6 })).not.toEqual(whole.subarray(0, 4 * 784));
  });

  it('has the stated deviation, absolute or as a share of the range', () => {
    const deviation = (values: Float32Array) =>
      Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    // 31,360 draws: the deviation's standard error is 0.4 %.
    const absolute = noiseOf(request([0], { n: 40 }));
    expect(deviation(absolute) / 0.15).toBeCloseTo(1, 1.5);
    const half = { ...request([0], { n: 40, sigmaMode: 'range' }) };
    half.images = half.images.map((value) => value / 2);
    const low = Math.min(...half.images);
    const high = Math.max(...half.images);
    expect(
      relativeError(
        noiseOf(half),
        absolute.map((value) => value * (high - low)),
      ),
    ).toBeLessThan(1e-6);
  });
});
