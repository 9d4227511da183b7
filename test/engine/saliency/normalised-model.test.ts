import { describe, expect, it } from 'vitest';
import { noiseOf } from '../../../src/engine/saliency/make-maps';
import { predict } from '../../../src/engine/saliency/predict';
import { type MapParameters } from '../../../src/shared/catalogue/parameters';
import { valueAt } from '../../../src/shared/checked-reads';
import { maps, relativeError, runtime, squareModel } from './models';

const rounding = 2e-6;
const pixels = Float32Array.of(0.5, 0, 1, 0.125);

/** S(z) = Σ z² of z = (p - 0.25) / 0.5, as a checkpoint may state it. */
const model = { ...squareModel(4), input: { mean: [0.25], std: [0.5] } };
const z = [...pixels].map((p) => (p - 0.25) / 0.5);
const black = -0.5;
const white = 1.5;

describe('a model that normalises its input', () => {
  const check = async (
    composition: string,
    expected: readonly number[],
    parameters: Partial<MapParameters> = {},
  ) =>
    expect(
      relativeError(await maps(model, pixels, composition, parameters), expected),
    ).toBeLessThan(rounding);

  it('is given and differentiated by normalised values', async () => {
    const { inputs, logits } = await predict({ runtime, model, images: pixels, forwardBatch: 5 });
    expect([...inputs]).toEqual(z);
    expect(relativeError(logits, [z.reduce((sum, v) => sum + v * v, 0)])).toBeLessThan(rounding);
    await check(
      'gradient',
      z.map((v) => 2 * v),
    );
  });

  it('is multiplied by what it sees', () =>
    check(
      'times-input(gradient)',
      z.map((v) => 2 * v * v),
    ));

  it.each<[MapParameters['baseline'], number]>([
    ['zero', 0],
    ['black', black],
    ['white', white],
    ['image-mean', z.reduce((sum, v) => sum + v, 0) / z.length],
  ])('is integrated from the baseline %s of its input space', (baseline, from) =>
    check(
      'integrate(gradient)',
      z.map((v) => v * v - from * from),
      { baseline },
    ),
  );

  it.each([
    ['absolute', 1],
    // Pixels from 0 to 1 are inputs from -0.5 to 1.5.
    ['range', white - black],
  ] as const)('is smoothed by noise in its input space, sigma %s', async (sigmaMode, range) => {
    const n = 400;
    const parameters = { n, sigma: 0.3, sigmaMode };
    const request = { runtime, model, images: pixels, indices: [0], seed: 0 };
    const noise = noiseOf({ ...request, parameters });
    const deviation = Math.sqrt(noise.reduce((sum, e) => sum + e * e, 0) / noise.length);
    expect(deviation / (0.3 * range)).toBeCloseTo(1, 1);
    const mean = z.map((_, i) => {
      let sum = 0;
      for (let sample = 0; sample < n; sample += 1) sum += valueAt(noise, sample * 4 + i);
      return sum / n;
    });
    await check(
      'smooth(gradient)',
      z.map((v, i) => 2 * (v + valueAt(mean, i))),
      parameters,
    );
  });
});
