import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noiseOf } from '../../../src/engine/saliency/make-maps';
import { valueAt } from '../../../src/shared/checked-reads';
import { linearModel, maps, relativeError, runtime, squareModel, toyNetwork } from './models';

// Float32 sums of a few dozen terms: a relative error of some units of 6e-8.
const rounding = 2e-6;
const x = Float32Array.of(0.5, -0.25, 1, 0.125);

let before = 0;
beforeEach(() => {
  before = runtime.tf.memory().numTensors;
});
afterEach(() => {
  expect(runtime.tf.memory().numTensors).toBe(before);
});

describe('on a linear model S_c(x) = (c + 1) w · x', () => {
  const w = [2, -1, 0.5, 3];
  const model = linearModel(w, 3);

  it('gradient is w, and the target chooses the class', async () => {
    expect([...(await maps(model, x, 'gradient'))]).toEqual(w);
    const second = await maps(model, x, 'gradient', {}, { labels: [1] });
    expect([...second]).toEqual(w.map((value) => 2 * value));
    const number = await maps(model, x, 'gradient', { target: 2 });
    expect([...number]).toEqual(w.map((value) => 3 * value));
    // w · x = 1 + 0.25 + 0.5 + 0.375 > 0, so class 2 has the largest logit.
    const predicted = await maps(model, x, 'gradient', { target: 'predicted' });
    expect([...predicted]).toEqual(w.map((value) => 3 * value));
  });

  it('times-input is w ⊙ x', async () => {
    expect([...(await maps(model, x, 'times-input(gradient)'))]).toEqual([1, 0.25, 0.5, 0.375]);
  });

  it('smooth is w, its mean square w², its variance 0', async () => {
    expect(relativeError(await maps(model, x, 'smooth(gradient)'), w)).toBeLessThan(rounding);
    const square = await maps(model, x, 'smooth(gradient)', { smoothAggregate: 'mean-square' });
    expect(relativeError(square, [4, 1, 0.25, 9])).toBeLessThan(rounding);
    const variance = await maps(model, x, 'smooth(gradient)', { smoothAggregate: 'variance' });
    expect(Math.max(...variance)).toBeLessThan(1e-12);
  });

  it('integrate is w ⊙ (x - x′) for every baseline and quadrature', async () => {
    const mean = x.reduce((sum, value) => sum + value, 0) / 4;
    const baselines = { zero: 0, black: 0, white: 1, 'image-mean': mean } as const;
    for (const [baseline, value] of Object.entries(baselines)) {
      for (const quadrature of [
        'gauss-legendre',
        'midpoint',
        'trapezoid',
        'riemann-right',
      ] as const) {
        const map = await maps(model, x, 'integrate(gradient)', {
          baseline: baseline as keyof typeof baselines,
          quadrature,
        });
        const expected = w.map((weight, i) => weight * (valueAt(x, i) - value));
        expect(relativeError(map, expected)).toBeLessThan(rounding);
      }
    }
  });
});

describe('on S(x) = Σ x²', () => {
  const model = squareModel(4);
  const n = 6;
  const sigma = 0.3;
  const noise = noiseOf({
    runtime,
    model,
    images: x,
    indices: [0],
    parameters: { n, sigma, sigmaMode: 'absolute' },
    seed: 0,
  });
  /** Mean over the noise tensors of a function of one input and its noise, per input. */
  const over = (f: (input: number, noise: number) => number) =>
    Array.from(x, (input, i) => {
      let sum = 0;
      for (let k = 0; k < n; k += 1) sum += f(input, valueAt(noise, k * 4 + i));
      return sum / n;
    });
  const mean = over((_, e) => e);
  const square = over((_, e) => e * e);
  const variance = over((_, e) => e * e).map((value, i) => value - valueAt(mean, i) ** 2);
  const each = (f: (input: number, i: number) => number) => Array.from(x, f);
  const check = async (
    composition: string,
    expected: number[],
    parameters: Parameters<typeof maps>[3] = {},
  ) => {
    // 8 holds several images' points, 5 cuts groups across batches.
    for (const batch of [5, 8, 150]) {
      const map = await maps(
        model,
        x,
        composition,
        { n, sigma, steps: 4, ...parameters },
        { batch },
      );
      expect(relativeError(map, expected), `${composition} in batches of ${batch}`).toBeLessThan(
        2 * rounding,
      );
    }
  };

  it('integrate is x² - x′², exact with Gauss-Legendre, midpoint and trapezoid', async () => {
    // The integrand 2 (x′ + α (x - x′)) is linear in α.
    for (const quadrature of ['gauss-legendre', 'midpoint', 'trapezoid'] as const) {
      await check(
        'integrate(gradient)',
        each((v) => v * v),
        { quadrature },
      );
      await check(
        'integrate(gradient)',
        each((v) => v * v - 1),
        { quadrature, baseline: 'white' },
      );
    }
  });

  it('integrate with the right Riemann sum is too large by 1 / steps', async () => {
    // Σ_{k=1..m} 2 (k/m) x / m = x (m + 1) / m.
    for (const steps of [1, 4, 50]) {
      const expected = each((v) => v * v * (1 + 1 / steps));
      await check('integrate(gradient)', expected, { quadrature: 'riemann-right', steps });
    }
  });

  it('smooth is 2 (x + mean noise), with its mean square and variance', async () => {
    await check(
      'smooth(gradient)',
      each((v, i) => 2 * (v + valueAt(mean, i))),
    );
    await check(
      'smooth(gradient)',
      over((v, e) => 4 * (v + e) ** 2),
      {
        smoothAggregate: 'mean-square',
      },
    );
    await check(
      'smooth(gradient)',
      variance.map((v) => 4 * v),
      { smoothAggregate: 'variance' },
    );
    await check(
      'variance(gradient)',
      variance.map((v) => 4 * v),
    );
  });

  it('smooth(integrate) shifts the end point: its difference is x + ε - x′', async () => {
    // IG of x + ε from x′ is (x + ε)² - x′².
    await check(
      'smooth(integrate(gradient))',
      over((v, e) => (v + e) ** 2),
    );
    await check(
      'smooth(integrate(gradient))',
      over((v, e) => (v + e) ** 2 - 1),
      {
        baseline: 'white',
      },
    );
  });

  it('integrate(smooth) reuses the same noise at every step and keeps its difference x - x′', async () => {
    // x ∫ 2 (αx + mean ε) dα = x² + 2 x mean ε.
    await check(
      'integrate(smooth(gradient))',
      each((v, i) => v * v + 2 * v * valueAt(mean, i)),
    );
    // (x - 1) ∫ 2 (1 + α (x - 1) + mean ε) dα = (x - 1) (x + 1 + 2 mean ε).
    await check(
      'integrate(smooth(gradient))',
      each((v, i) => (v - 1) * (v + 1 + 2 * valueAt(mean, i))),
      { baseline: 'white' },
    );
  });

  it('aggregates that are not linear work inside and outside the integral', async () => {
    // Inside: x ∫ mean (2αx + 2ε)² dα = 4x (x²/3 + x mean ε + mean ε²).
    await check(
      'integrate(smooth(gradient))',
      each((v, i) => 4 * v * ((v * v) / 3 + v * valueAt(mean, i) + valueAt(square, i))),
      { smoothAggregate: 'mean-square' },
    );
    // Inside, the variance of 2αx + 2ε is 4 var ε at every α.
    await check(
      'integrate(smooth(gradient))',
      each((v, i) => 4 * v * valueAt(variance, i)),
      {
        smoothAggregate: 'variance',
      },
    );
    // Outside: squares and variance of (x + ε)².
    const fourth = over((v, e) => (v + e) ** 4);
    await check('smooth(integrate(gradient))', fourth, { smoothAggregate: 'mean-square' });
    await check(
      'smooth(integrate(gradient))',
      over((v, e) => (v + e) ** 2).map((value, i) => valueAt(fourth, i) - value * value),
      { smoothAggregate: 'variance' },
    );
  });

  it('times-input multiplies by the point at hand, wherever it stands', async () => {
    await check(
      'times-input(smooth(gradient))',
      each((v, i) => 2 * v * (v + valueAt(mean, i))),
    );
    await check(
      'smooth(times-input(gradient))',
      over((v, e) => 2 * (v + e) ** 2),
    );
    await check(
      'times-input(integrate(gradient))',
      each((v) => v ** 3),
    );
    // x ∫ αx · 2αx dα = 2x³/3.
    await check(
      'integrate(times-input(gradient))',
      each((v) => (2 * v ** 3) / 3),
    );
    await check(
      'smooth(times-input(integrate(gradient)))',
      over((v, e) => (v + e) ** 3),
    );
    // x ∫ αx · 2 (αx + mean ε) dα = 2x³/3 + x² mean ε.
    await check(
      'integrate(times-input(smooth(gradient)))',
      each((v, i) => (2 * v ** 3) / 3 + v * v * valueAt(mean, i)),
    );
  });
});

describe('guided on nets worked by hand, S(x) = v · act(W x)', () => {
  it('ReLU', async () => {
    // W = [[1, -1], [1, 1]], v = (-2, 3), x = (2, 1): W x = (1, 3), both units open.
    // Gradient Wᵀ v = (-2 + 3, 2 + 3) = (1, 5).
    // Guided: R = -2 at unit 1 is stopped, so Wᵀ (0, 3) = (3, 3); ReLU is gated under both gates.
    const model = toyNetwork('relu', [1, -1, 1, 1], [-2, 3]);
    const point = Float32Array.of(2, 1);
    before = runtime.tf.memory().numTensors;
    expect([...(await maps(model, point, 'gradient'))]).toEqual([1, 5]);
    for (const guidedGate of ['all-activations', 'relu-only'] as const) {
      expect([...(await maps(model, point, 'guided', { guidedGate }))]).toEqual([3, 3]);
    }
    // On the path αx no unit changes its sign, so integrate(guided) = x ⊙ (3, 3).
    expect(relativeError(await maps(model, point, 'integrate(guided)'), [6, 3])).toBeLessThan(
      rounding,
    );
    // At x = (1, 2), W x = (-1, 3): unit 1 is closed, the gradient is (3, 3) too.
    expect([...(await maps(model, Float32Array.of(1, 2), 'gradient'))]).toEqual([3, 3]);
    model.dispose();
    before = runtime.tf.memory().numTensors;
  });

  it('SELU', async () => {
    // W = [[1, -1], [1, 1]], v = (2, 3), x = (1, 2): W x = (-1, 3).
    // Slopes: unit 1 λα e^-1 = 1.7580993408473766 · 0.36787944117144233 = 0.6467686...; unit 2 λ.
    // Gradient (2 s + 3 λ, -2 s + 3 λ).
    // Guided, all activations: f_1 = λα (e^-1 - 1) < 0 is stopped: Wᵀ (0, 3 λ) = (3 λ, 3 λ).
    // Guided, ReLU only: no ReLU, the plain gradient.
    const slope = 1.7580993408473766 * Math.exp(-1);
    const scale = 1.0507009873554805;
    const gradient = [2 * slope + 3 * scale, -2 * slope + 3 * scale];
    const model = toyNetwork('selu', [1, -1, 1, 1], [2, 3]);
    const point = Float32Array.of(1, 2);
    before = runtime.tf.memory().numTensors;
    const map = (composition: string, guidedGate: 'all-activations' | 'relu-only') =>
      maps(model, point, composition, { guidedGate });
    expect(relativeError(await map('gradient', 'all-activations'), gradient)).toBeLessThan(
      rounding,
    );
    expect(relativeError(await map('guided', 'relu-only'), gradient)).toBeLessThan(rounding);
    const guided = [3 * scale, 3 * scale];
    expect(relativeError(await map('guided', 'all-activations'), guided)).toBeLessThan(rounding);
    // A negative signal is stopped as well: v = (2, -3) leaves nothing.
    const negative = toyNetwork('selu', [1, -1, 1, 1], [2, -3]);
    expect([...(await maps(negative, point, 'guided'))]).toEqual([0, 0]);
    model.dispose();
    negative.dispose();
    before = runtime.tf.memory().numTensors;
  });
});
