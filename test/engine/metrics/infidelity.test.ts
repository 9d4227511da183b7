import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attributedTo,
  dropsOf,
  hiddenSeries,
  infidelity,
  scaledInfidelity,
} from '../../../src/engine/metrics/infidelity';
import { logitOf, probabilityOf, scoreSeries } from '../../../src/engine/saliency/score-series';
import { drawSquares, longestSide, type Square } from '../../../src/engine/metrics/squares';
import { generator } from '../../../src/engine/runtime/permutation';
import { valueAt } from '../../../src/shared/checked-reads';
import { signed, uniform } from '../support';
import { dot, f, g, ones, scorerOf, weightsOfF } from './toys';

const zeros = new Float32Array(4);
/** The four unit vectors: with a baseline of 0, each hides one location. */
const units: readonly Square[] = [
  { top: 0, left: 0, side: 1 },
  { top: 0, left: 1, side: 1 },
  { top: 1, left: 0, side: 1 },
  { top: 1, left: 1, side: 1 },
];
const shape = [2, 2, 1] as const;
const hidden = { shape, squares: [units], input: () => ones, baseline: () => zeros };
const sumsOf = (raw: readonly number[], holdsInput = false) =>
  attributedTo(units, {
    ...{ shape, raw: Float32Array.from(raw), input: ones, baseline: zeros, holdsInput },
  });

describe('infidelity', () => {
  it.each([
    [[0, 0, 0, 0], 7.5, 7.5],
    [[2, 1.5, 1, 0.5], 1.875, 0],
    [[1, 2, 3, 4], 5, 4.166667],
    [weightsOfF, 0, 0],
  ])('of f with the map %j over four unit draws is %d, scaled %d', async (raw, plain, scaled) => {
    const [scores = []] = await scoreSeries(hiddenSeries(hidden), f, [logitOf([0])]);
    const drops = dropsOf(scores);
    expect([...drops]).toEqual(weightsOfF);
    expect(infidelity(sumsOf(raw), drops)).toBeCloseTo(plain, 6);
    expect(scaledInfidelity(sumsOf(raw), drops)).toBeCloseTo(scaled, 6);
    // At ones a map times the input is the map itself.
    expect(infidelity(sumsOf(raw, true), drops)).toBeCloseTo(plain, 6);
  });

  it('of g with its gradient is small', async () => {
    const [scores = []] = await scoreSeries(hiddenSeries(hidden), g, [probabilityOf([0])]);
    const p = valueAt(scores, 0);
    const sums = sumsOf(weightsOfF.map((w) => w * p * (1 - p)));
    expect(infidelity(sums, dropsOf(scores))).toBeCloseTo(0.016219, 6);
    expect(scaledInfidelity(sums, dropsOf(scores))).toBeCloseTo(0.002569, 6);
  });

  it.each([
    [[0, 0, 0, 0], 30],
    [[2, 1.5, 1, 0.5], 7.5],
    [weightsOfF, 0],
  ])('of f with the map %j over normal draws is %d', (raw, expected) => {
    const random = generator([1, 2]);
    const share = () => ((random.next() >>> 8) + 0.5) / 2 ** 24;
    const normal = () => Math.sqrt(-2 * Math.log(share())) * Math.cos(2 * Math.PI * share());
    const draws = Array.from({ length: 20_000 }, () => [normal(), normal(), normal(), normal()]);
    const found = infidelity(
      draws.map((draw) => dot(raw, draw)),
      draws.map((draw) => dot(weightsOfF, draw)),
    );
    // (S - dF)² is 30 chi squared: the mean of 20,000 is off by 1%.
    expect(Math.abs(found - expected)).toBeLessThan(0.05 * expected + 1e-12);
  });

  it('refuses a map with a value that is no number', () => {
    expect(() => sumsOf([1, Number.NaN, 0, 0])).toThrow(/sum of the map is NaN/);
  });

  it('scaled does not know a map’s units, and a map of 0 has beta 0', () => {
    const drops = [...signed(50, 1)];
    const sums = [...signed(50, 2)];
    const scaled = scaledInfidelity(sums, drops);
    expect(
      scaledInfidelity(
        sums.map((value) => -1000 * value),
        drops,
      ),
    ).toBeCloseTo(scaled, 9);
    expect(scaled).toBeLessThanOrEqual(infidelity(sums, drops));
    const none = new Float64Array(50);
    expect(scaledInfidelity(none, drops)).toBe(infidelity(none, drops));
  });

  it('is 0 for the gradient of any linear score, in colour and from any baseline', async () => {
    const wide = [9, 7, 3] as const;
    const weights = signed(189, 3);
    const [input, baseline] = [uniform(189, 4), uniform(189, 5)];
    const squares = drawSquares(1, 0, wide, 40);
    const series = hiddenSeries({
      shape: wide,
      squares: [squares],
      input: () => input,
      baseline: () => baseline,
    });
    const [scores = []] = await scoreSeries(
      series,
      scorerOf(189, (x) => [dot([...weights], x)]),
      [logitOf([0])],
    );
    const of = (raw: Float32Array, holdsInput: boolean) =>
      attributedTo(squares, { shape: wide, raw, input, baseline, holdsInput });
    expect(infidelity(of(weights, false), dropsOf(scores))).toBeLessThan(1e-10);
    const times = weights.map((w, i) => w * (valueAt(input, i) - valueAt(baseline, i)));
    expect(infidelity(of(times, true), dropsOf(scores))).toBeLessThan(1e-10);
    // One value a pixel stands for all of its channels.
    const flat = new Float32Array(63).fill(2);
    const channels = new Float32Array(189).fill(2);
    of(flat, false).forEach((value, i) => {
      expect(value).toBeCloseTo(valueAt(of(channels, false), i), 9);
    });
  });
});

describe('squares', () => {
  it('lie inside the image, and their sides run from 1 to ten of 28 of the shorter one', () => {
    const side = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(side, side, fc.nat(1000), (height, width, image) => {
        const longest = longestSide([height, width, 1]);
        for (const square of drawSquares(7, image, [height, width, 1], 20)) {
          expect(square.side).toBeGreaterThanOrEqual(1);
          expect(square.side).toBeLessThanOrEqual(longest);
          expect(square.top).toBeGreaterThanOrEqual(0);
          expect(square.top + square.side).toBeLessThanOrEqual(height);
          expect(square.left).toBeGreaterThanOrEqual(0);
          expect(square.left + square.side).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: 50 },
    );
    expect([28, 32, 224, 4].map((size) => longestSide([size, size, 3]))).toEqual([10, 11, 80, 1]);
  });

  it('are an image’s own, and fewer are the first of more', () => {
    const of = (seed: number, image: number, count: number) =>
      drawSquares(seed, image, [28, 28, 1], count);
    expect(of(1, 5, 500).slice(0, 20)).toEqual(of(1, 5, 20));
    expect(of(1, 6, 20)).not.toEqual(of(1, 5, 20));
    expect(of(2, 5, 20)).not.toEqual(of(1, 5, 20));
    // All sides come up, each about as often.
    const sides = of(1, 5, 2000).map(({ side }) => side);
    for (let side = 1; side <= 10; side += 1) {
      const share = sides.filter((one) => one === side).length / 2000;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.03);
    }
  });
});
