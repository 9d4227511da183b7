import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInMethods, type Method } from '../../src/shared/catalogue/methods';
import {
  contrastGroups,
  contrastPoints,
  type CurveOptions,
  type CurveScores,
  summariseCurves,
  trapezoid,
} from '../../src/statistics/curves';
import { imageAreas } from '../../src/statistics/image-areas';
import { normalDeviates } from './normal';

const methodsOf = (...ids: string[]): Method[] =>
  ids.map((id) => {
    const found = builtInMethods.find((method) => method.id === id);
    if (!found) throw new Error(id);
    return found;
  });

/** Scores from nested lists [M][L][N]; the last method is the random map. */
function input(
  ids: string[],
  levels: number[],
  scores: number[][][],
  extra: Partial<CurveOptions> = {},
): CurveScores & CurveOptions {
  const flat = Float32Array.from(scores.flat(2));
  return {
    methods: methodsOf(...ids),
    levels,
    scores: flat,
    tied: flat.map(() => 0),
    randomIndex: ids.length - 1,
    seed: 0,
    resamples: 500,
    ...extra,
  };
}

describe('curves worked by hand', () => {
  const hand = input(
    ['smoothgrad', 'random'],
    [0, 0.1, 0.5],
    [
      [
        [1, 1],
        [0.5, 0.75],
        [0.25, 0],
      ],
      [
        [1, 1],
        [1, 0.5],
        [0.75, 0.25],
      ],
    ],
  );

  it('means, differences, areas over uneven levels and advantages', () => {
    const [method, random] = summariseCurves({
      ...hand,
      tied: Float32Array.from([0, 0, 0.25, 0.75, 1, 0.5, 0, 0, 0, 0, 0, 0]),
    });
    expect(method?.points.map((point) => point.mean)).toEqual([1, 0.625, 0.125]);
    expect(method?.points.map((point) => point.difference)).toEqual([0, 0.125, 0.375]);
    expect(method?.points.map((point) => point.tied)).toEqual([0, 0.5, 0.75]);
    expect(method?.points.map((point) => point.n)).toEqual([2, 2, 2]);
    // .1 (1 + .625) / 2 + .4 (.625 + .125) / 2
    expect(method?.area).toBeCloseTo(0.08125 + 0.15, 12);
    // .1 (1 + .75) / 2 + .4 (.75 + .5) / 2
    expect(random?.area).toBeCloseTo(0.0875 + 0.25, 12);
    expect(method?.advantage).toBeCloseTo(0.10625, 12);
    expect(random?.advantage).toBe(0);
    expect([random?.advantageLow, random?.advantageHigh]).toEqual([0, 0]);
  });

  it('say of one image its values, and of others nothing: no interval and no rank', () => {
    const one = input(
      ['smoothgrad', 'vanilla-gradient', 'random'],
      [0, 0.5],
      [
        [[1], [0.25]],
        [[1], [0.5]],
        [[1], [0.75]],
      ],
    );
    const none = { low: null, high: null };
    const [method, other, random] = summariseCurves(one);
    expect([method?.area, other?.area, random?.area]).toEqual([0.3125, 0.375, 0.4375]);
    expect([method?.advantage, other?.advantage, random?.advantage]).toEqual([0.125, 0.0625, 0]);
    for (const curve of [method, other, random]) {
      expect(curve?.rank).toBe(1);
      expect(curve?.tiedWith).toHaveLength(2);
      expect([curve?.areaLow, curve?.areaHigh]).toEqual([null, null]);
      expect([curve?.advantageLow, curve?.advantageHigh]).toEqual([null, null]);
      for (const point of curve?.points ?? []) {
        expect(point).toMatchObject({ ...none, n: 1, differenceLow: null, differenceHigh: null });
      }
    }
    expect(contrastGroups(one, ['smoothgrad'], ['random'])).toEqual({ difference: 0.125, ...none });
    expect(contrastPoints(one, { method: 0, level: 0 }, { method: 0, level: 1 })).toEqual({
      difference: 0.75,
      ...none,
    });
  });

  it('a value that is not finite is refused by method, level and image', () => {
    const broken = hand.scores.with(9, NaN);
    expect(() => summariseCurves({ ...hand, scores: broken })).toThrow(
      'scores of random at level 0.1, image 1 of 2: NaN is not finite',
    );
    expect(() => summariseCurves({ ...hand, tied: hand.tied.with(0, Infinity) })).toThrow(
      'tied of smoothgrad at level 0, image 0 of 2',
    );
    expect(() => imageAreas({ ...hand, scores: broken })).toThrow(
      'the score of random at level 0.1, image 1, is NaN',
    );
  });

  it('an interval of two images spans the two images', () => {
    const [method] = summariseCurves(hand);
    const point = method?.points[1];
    expect([point?.low, point?.high]).toEqual([0.5, 0.75]);
  });

  it('one level alone has no area', () => {
    const [curve] = summariseCurves(input(['smoothgrad', 'random'], [0], [[[0.5]], [[0.75]]]));
    expect(curve?.area).toBe(0);
    expect(curve?.points[0]).toMatchObject({ mean: 0.5, difference: 0.25 });
  });

  it('trapezoid of a straight line is exact', () => {
    const levels = [0, 0.2, 0.3, 0.9];
    expect(trapezoid(levels, (l) => 1 - (levels[l] ?? 0))).toBeCloseTo(0.9 - 0.405, 12);
  });

  it('refuses shapes and levels that do not fit', () => {
    expect(() => summariseCurves({ ...hand, scores: hand.scores.subarray(1) })).toThrow(RangeError);
    expect(() => summariseCurves({ ...hand, levels: [0, 0.5, 0.1] })).toThrow('ascend');
    expect(() => summariseCurves({ ...hand, randomIndex: 2 })).toThrow('randomIndex');
    expect(() => summariseCurves({ ...hand, scores: hand.scores.map(() => Number.NaN) })).toThrow(
      'finite',
    );
  });
});

describe('pairing', () => {
  // Images differ much, methods differ by the same small amount on each image.
  const n = 200;
  const images = [...normalDeviates(n, 5)].map((z) => 0.5 + 0.2 * z);
  const noise = [...normalDeviates(n, 6)].map((z) => 0.002 * z);
  const curves = summariseCurves(
    input(
      ['smoothgrad', 'random'],
      [0, 0.5],
      [
        [images, images.map((value, i) => value - 0.02 + (noise[i] ?? 0))],
        [images, images],
      ],
      { resamples: 2000 },
    ),
  );

  it('finds a difference that unpaired intervals would hide', () => {
    const [method, random] = curves;
    const point = method?.points[1];
    const other = random?.points[1];
    // The two curves' own intervals overlap widely ...
    expect(point?.high).toBeGreaterThan(other?.low ?? 1);
    // ... while the paired one stands clear of 0, as narrow as the noise allows.
    expect(point?.differenceLow).toBeGreaterThan(0.019);
    expect(point?.differenceHigh).toBeLessThan(0.021);
    const width = (point?.differenceHigh ?? 1) - (point?.differenceLow ?? 0);
    expect(width).toBeGreaterThan((0.8 * 2 * 1.96 * 0.002) / Math.sqrt(n));
    expect(width).toBeLessThan((1.2 * 2 * 1.96 * 0.002) / Math.sqrt(n));
    expect(method?.rank).toBe(1);
    expect(random?.rank).toBe(2);
    expect(method?.tiedWith).toEqual([]);
  });
});

describe('ranks and ties', () => {
  const n = 400;
  /** n scores with exactly this mean and independent noise of standard deviation 0.1. */
  const shift = (offset: number, seed: number) => {
    const z = [...normalDeviates(n, seed)];
    const mean = z.reduce((sum, value) => sum + value, 0) / n;
    return z.map((value) => offset + 0.1 * (value - mean));
  };

  it('equal maps share a rank and the next counts them', () => {
    const scores = shift(0.3, 1);
    const worse = scores.map((value) => value + 0.2);
    const random = scores.map((value) => value + 0.4);
    const curves = summariseCurves(
      input(
        ['smoothgrad', 'guided-backprop', 'vanilla-gradient', 'random'],
        [0, 1],
        [scores, scores, worse, random].map((row) => [row, row]),
      ),
    );
    expect(curves.map((curve) => curve.rank)).toEqual([1, 1, 3, 4]);
    expect(curves.map((curve) => curve.tiedWith)).toEqual([
      ['guided-backprop'],
      ['smoothgrad'],
      [],
      [],
    ]);
  });

  it('stays defined where ties are not transitive', () => {
    // Independent noise: the difference of neighbours is within its interval, of the ends not.
    const rows = [shift(0.3, 1), shift(0.31, 2), shift(0.32, 3), shift(0.6, 4)];
    const curves = summariseCurves(
      input(
        ['smoothgrad', 'guided-backprop', 'vanilla-gradient', 'random'],
        [0, 1],
        rows.map((row) => [row, row]),
        { resamples: 2000 },
      ),
    );
    const tied = curves.map((curve) => curve.tiedWith);
    expect(tied[1]).toEqual(['smoothgrad', 'vanilla-gradient']);
    expect(tied[0]).toEqual(['guided-backprop']);
    expect(curves.map((curve) => curve.rank)).toEqual([1, 1, 2, 4]);
  });

  it('ties are mutual and a rank counts the methods that are significantly better', () => {
    const score = fc.float({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(score, { minLength: 24, maxLength: 24 }), (values) => {
        const given = input(
          ['smoothgrad', 'guided-backprop', 'vanilla-gradient', 'random'],
          [0, 1],
          [[values]],
        );
        const curves = summariseCurves({ ...given, tied: given.scores, resamples: 50 });
        for (const curve of curves) {
          for (const id of curve.tiedWith) {
            const other = curves.find(({ method }) => method.id === id);
            expect(other?.tiedWith).toContain(curve.method.id);
          }
          expect(curve.rank + curve.tiedWith.length).toBeLessThanOrEqual(curves.length);
        }
        expect(Math.min(...curves.map((curve) => curve.rank))).toBe(1);
      }),
      { numRuns: 50 },
    );
  });
});

describe('laws', () => {
  const ids = ['smoothgrad', 'guided-backprop', 'random'];
  const levels = [0, 0.3, 0.9];
  const scores = (n: number, seed: number) => {
    const z = normalDeviates(ids.length * levels.length * n, seed);
    return ids.map((_, m) =>
      levels.map((__, l) =>
        Array.from(
          { length: n },
          (___, i) => 0.5 + 0.1 * (z[(m * levels.length + l) * n + i] ?? 0),
        ),
      ),
    );
  };

  it('the order of methods changes nothing', () => {
    const given = scores(40, 8);
    const straight = summariseCurves(input(ids, levels, given));
    const reversed = summariseCurves(
      input([...ids].reverse(), levels, [...given].reverse(), { randomIndex: 0 }),
    );
    const sorted = (curves: typeof straight) =>
      curves.map((curve) => ({ ...curve, tiedWith: [...curve.tiedWith].sort() }));
    expect(sorted([...reversed].reverse())).toEqual(sorted(straight));
  });

  it('the order of images leaves means and areas, and intervals but for the draw', () => {
    const given = scores(300, 9);
    const order = Array.from({ length: 300 }, (_, i) => (i * 7) % 300);
    const shuffled = given.map((method) =>
      method.map((row) => order.map((i) => row[i] ?? Number.NaN)),
    );
    const a = summariseCurves(input(ids, levels, given, { resamples: 4000 }));
    const b = summariseCurves(input(ids, levels, shuffled, { resamples: 4000 }));
    a.forEach((curve, m) => {
      expect(b[m]?.area).toBeCloseTo(curve.area, 12);
      expect(b[m]?.rank).toBe(curve.rank);
      const [low, high] = [curve.areaLow ?? Number.NaN, curve.areaHigh ?? Number.NaN];
      const width = high - low;
      expect(Math.abs((b[m]?.areaLow ?? 0) - low)).toBeLessThan(width * 0.08);
      expect(Math.abs((b[m]?.areaHigh ?? 0) - high)).toBeLessThan(width * 0.08);
    });
  });

  it('equal inputs and seed give equal curves; another seed another draw of the same interval', () => {
    const given = input(ids, levels, scores(100, 10));
    expect(summariseCurves(given)).toEqual(summariseCurves(given));
    const other = summariseCurves({ ...given, seed: 1 });
    expect(other[0]?.area).toBe(summariseCurves(given)[0]?.area);
    expect(other[0]?.areaLow).not.toBe(summariseCurves(given)[0]?.areaLow);
  });

  it('intervals hold their estimate, and a wider coverage holds a narrower one', () => {
    const given = input(ids, levels, scores(100, 11));
    const [wide, narrow] = [0.99, 0.8].map((level) => summariseCurves({ ...given, level }));
    wide?.forEach((curve, m) => {
      expect(curve.areaLow).toBeLessThan(curve.area);
      expect(curve.areaHigh).toBeGreaterThan(curve.area);
      expect(curve.areaLow).toBeLessThan(narrow?.[m]?.areaLow ?? 0);
      expect(curve.areaHigh).toBeGreaterThan(narrow?.[m]?.areaHigh ?? 1);
    });
  });
});

describe('contrast of groups', () => {
  it('is the difference of mean areas with a paired interval', () => {
    const row = (value: number) => [
      [value, value],
      [value, value],
    ];
    const given = input(
      ['smoothgrad', 'guided-backprop', 'vanilla-gradient', 'random'],
      [0, 1],
      [row(0.1), row(0.3), row(0.6), row(0.9)],
    );
    const contrast = contrastGroups(given, ['smoothgrad', 'guided-backprop'], ['vanilla-gradient']);
    for (const value of Object.values(contrast)) expect(value).toBeCloseTo(0.4, 6);
    expect(() => contrastGroups(given, [], ['random'])).toThrow('empty group');
    expect(() => contrastGroups(given, ['nothing'], ['random'])).toThrow('no method nothing');
  });

  it('against random alone it is the advantage', () => {
    const values = [...normalDeviates(60, 12)].map((z) => 0.4 + 0.1 * z);
    const rows = [values, values.map((value) => value + 0.1 * Math.sin(value * 50))];
    const given = input(
      ['smoothgrad', 'random'],
      [0, 1],
      rows.map((row) => [row, row]),
    );
    const [curve] = summariseCurves(given);
    expect(contrastGroups(given, ['smoothgrad'], ['random'])).toEqual({
      difference: curve?.advantage,
      low: curve?.advantageLow,
      high: curve?.advantageHigh,
    });
  });
});
