import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaOf, meanDrop } from '../../../src/engine/metrics/curves';
import { logitOf, probabilityOf, scoreSeries } from '../../../src/engine/saliency/score-series';
import {
  stepCounts,
  stepLevels,
  type StepOptions,
  stepSeries,
} from '../../../src/engine/metrics/steps';
import { baselineOf } from '../../../src/engine/saliency/baseline';
import { blur } from '../../../src/engine/saliency/blur';
import { valueAt } from '../../../src/shared/checked-reads';
import { dot, f, G, g, meanOfNine, ones, ordersOf, scorerOf, weightsOfF } from './toys';

const zeros = new Float32Array(4);
const options: StepOptions = {
  shape: [2, 2, 1],
  orders: ordersOf(Float32Array.from(weightsOfF), 4),
  steps: 4,
  backwards: false,
  from: () => ones,
  to: () => zeros,
};
const deletion = (change: Partial<StepOptions> = {}) => ({ ...options, ...change });
const insertion = (change: Partial<StepOptions> = {}) =>
  deletion({ from: () => zeros, to: () => ones, ...change });

const curveOf = async (of: StepOptions, scorer = f, reading = logitOf([0])) => [
  ...(await scoreSeries(stepSeries(of), scorer, [reading])).flatMap((scores) => [...scores]),
];
const areaBy = async (of: StepOptions, scorer = f, reading = logitOf([0])) =>
  areaOf(stepLevels(of.steps), await curveOf(of, scorer, reading));

describe('deletion and insertion', () => {
  it('have the areas of a linear score in 4 and in 2 steps', async () => {
    expect(await areaBy(deletion())).toBeCloseTo(3.75, 6);
    expect(await areaBy(insertion())).toBeCloseTo(6.25, 6);
    expect(await areaBy(deletion({ steps: 2 }))).toBeCloseTo(4, 6);
    expect(await areaBy(insertion({ steps: 2 }))).toBeCloseTo(6, 6);
  });

  it('have those of a probability', async () => {
    expect(await areaBy(deletion(), g, probabilityOf([0]))).toBeCloseTo(0.342062, 6);
    expect(await areaBy(insertion(), g, probabilityOf([0]))).toBeCloseTo(0.657938, 6);
  });

  it('begin insertion with a blurred image, whose borders go on', () => {
    const blurred = blur(G, [3, 3, 1], 1);
    // Six digits, and what single precision rounds.
    for (const [pixel, value] of [
      [0, 2.435654],
      [1, 3.07674],
      [4, 5],
    ] as const) {
      expect(Math.abs((blurred[pixel] ?? Number.NaN) - value)).toBeLessThan(7.5e-7);
    }
    const input = { mean: [0], std: [1] };
    // The baseline’s own deviation is a tenth of the longer side.
    const image = Float32Array.from({ length: 100 }, (_, i) => i % 7);
    expect(baselineOf('blur', image, [10, 10, 1], input)).toEqual(blur(image, [10, 10, 1], 1));
  });
});

describe('pixel flipping', () => {
  it('has the mean drops of both orders', async () => {
    expect(meanDrop(await curveOf(deletion()))).toBeCloseTo(6, 6);
    expect(meanDrop(await curveOf(deletion({ backwards: true })))).toBeCloseTo(4, 6);
    const p = probabilityOf([0]);
    expect(meanDrop(await curveOf(deletion(), g, p))).toBeCloseTo(0.619658, 6);
    expect(meanDrop(await curveOf(deletion({ backwards: true }), g, p))).toBeCloseTo(0.366957, 6);
  });
});

describe('steps', () => {
  it('change kP/K locations, rounded half up and not before', () => {
    expect([...stepCounts(4, 4)]).toEqual([0, 1, 2, 3, 4]);
    // 1.5 and 7.5 of 9.
    expect([...stepCounts(6, 9)]).toEqual([0, 2, 3, 5, 6, 8, 9]);
    expect([...stepCounts(28, 784)].every((count, k) => count === 28 * k)).toBe(true);
    expect([...stepCounts(5, 2)]).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('move all channels of a location together', () => {
    const series = stepSeries({
      ...options,
      shape: [1, 2, 3],
      orders: Uint16Array.of(1, 0),
      steps: 2,
      from: () => Float32Array.of(1, 2, 3, 4, 5, 6),
      to: () => new Float32Array(6).fill(9),
    });
    const at = (step: number) => {
      const into = new Float32Array(6);
      series.write(0, step, into);
      return [...into];
    };
    expect([0, 1, 2].map(at)).toEqual([
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, 9, 9, 9],
      [9, 9, 9, 9, 9, 9],
    ]);
  });

  it('of one image show the same whatever stands beside it', async () => {
    const maps = Float32Array.from({ length: 45 }, (_, i) => Math.sin(i * i));
    const images = Float32Array.from({ length: 45 }, (_, i) => Math.cos(i) * 5 + 5);
    const of = (positions: readonly number[], batch: number) => {
      const at = (image: number) => {
        const start = valueAt(positions, image) * 9;
        return images.subarray(start, start + 9);
      };
      const chosen = new Float32Array(
        positions.flatMap((p) => [...maps.subarray(p * 9, p * 9 + 9)]),
      );
      return scoreSeries(
        stepSeries({
          shape: [3, 3, 1],
          orders: ordersOf(chosen, 9, [...positions]),
          steps: 3,
          backwards: false,
          from: at,
          to: () => new Float32Array(9),
        }),
        scorerOf(9, (x) => [x.reduce((sum, value, i) => sum + value * i, 0)], batch),
        [logitOf(positions.map(() => 0))],
      );
    };
    const [all] = await of([0, 1, 2, 3, 4], 7);
    const [turned] = await of([4, 2, 0], 3);
    expect([...(turned ?? [])]).toEqual(
      [4, 2, 0].flatMap((image) => [...(all ?? []).slice(image * 4, image * 4 + 4)]),
    );
  });
});

const values = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 9, maxLength: 9 });

describe('laws', () => {
  it('deletion and insertion of a linear score sum to its ends, and so do both orders', async () => {
    await fc.assert(
      fc.asyncProperty(values, values, values, async (weights, x, map) => {
        const scorer = scorerOf(9, (input) => [dot(weights, input)]);
        const image = Float32Array.from(x);
        const fill = new Float32Array(9).fill(0.25);
        const of = (from: Float32Array, to: Float32Array, backwards: boolean): StepOptions => ({
          shape: [3, 3, 1],
          orders: ordersOf(Float32Array.from(map), 9),
          steps: 9,
          backwards,
          from: () => from,
          to: () => to,
        });
        const [whole, gone] = [dot(weights, image), dot(weights, fill)];
        // What is deleted in an order is what insertion has not brought yet.
        const removed = await areaBy(of(image, fill, false), scorer);
        expect(removed + (await areaBy(of(fill, image, false), scorer))).toBeCloseTo(
          whole + gone,
          3,
        );
        expect(removed + (await areaBy(of(image, fill, true), scorer))).toBeCloseTo(
          whole + gone,
          3,
        );
        const drops = [false, true].map(async (backwards) =>
          meanDrop(await curveOf(of(image, fill, backwards), scorer)),
        );
        const [morf = 0, lerf = 0] = await Promise.all(drops);
        expect(morf + lerf).toBeCloseTo(whole - gone, 3);
      }),
      { numRuns: 30 },
    );
  });

  it('a reversed order swaps most and least relevant first', async () => {
    await fc.assert(
      fc.asyncProperty(values, fc.boolean(), async (map, backwards) => {
        const orders = ordersOf(Float32Array.from(map), 9);
        const of = { ...options, shape: [3, 3, 1] as const, steps: 4, from: () => G };
        const to = () => new Float32Array(9);
        const curve = (change: Partial<StepOptions>) =>
          curveOf({ ...of, to, orders, ...change }, meanOfNine, probabilityOf([0]));
        expect(await curve({ backwards: !backwards })).toEqual(
          await curve({ backwards, orders: orders.slice().reverse() }),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('a map and its monotone transform have the same curves', async () => {
    await fc.assert(
      fc.asyncProperty(values, async (map) => {
        const curve = (of: Float32Array) =>
          curveOf(
            {
              ...options,
              shape: [3, 3, 1],
              orders: ordersOf(of, 9),
              from: () => G,
              to: () => new Float32Array(9),
            },
            meanOfNine,
          );
        const own = Float32Array.from(map, (value) => Math.fround(Math.round(value * 8) / 8));
        expect(await curve(own.map((value) => value ** 3 + 2 * value))).toEqual(await curve(own));
      }),
      { numRuns: 20 },
    );
  });
});
