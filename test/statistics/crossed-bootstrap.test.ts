import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile } from '../../src/statistics/bootstrap';
import {
  type CrossedRating,
  crossedMeans,
  definedInterval,
  resampleWeights,
} from '../../src/statistics/crossed-bootstrap';
import { imageAreas } from '../../src/statistics/image-areas';

const draws = (count: number, purpose: string, resamples = 2000) =>
  resampleWeights(count, { resamples, seed: 7, purpose });

const variance = (values: Float64Array) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
};

/** All raters on all images. */
function crossed(
  raters: number,
  images: number,
  score: (rater: number, image: number) => number,
): CrossedRating[] {
  return Array.from({ length: raters * images }, (_, at) => {
    const [rater, image] = [Math.floor(at / images), at % images];
    return { rater, image, group: 0, score: score(rater, image) };
  });
}

describe('resampling weights', () => {
  it('draw as many as there are, and the same for the same seed and purpose', () => {
    const { weights } = draws(13, 'raters', 50);
    for (let b = 0; b < 50; b += 1) {
      expect(weights.subarray(b * 13, (b + 1) * 13).reduce((sum, w) => sum + w, 0)).toBe(13);
    }
    expect(draws(13, 'raters', 50).weights).toEqual(weights);
    expect(draws(13, 'images', 50).weights).not.toEqual(weights);
  });

  it('refuse a size that is none', () => {
    expect(() => draws(0, 'raters')).toThrow(RangeError);
    expect(() => draws(3, 'raters', 0)).toThrow(RangeError);
  });
});

describe('the crossed bootstrap', () => {
  it('has the variance that theory gives where only raters differ, only images, or both', () => {
    // Of a mean of n drawn values the bootstrap variance is (population variance) / n.
    const only = (raters: number, images: number, score: (r: number, i: number) => number) =>
      variance(
        crossedMeans(
          crossed(raters, images, score),
          1,
          draws(raters, 'raters', 8000),
          draws(images, 'images', 8000),
        ),
      );
    const step = (i: number) => (i % 2 === 0 ? 1 : 3);
    expect(only(8, 5, (r) => step(r))).toBeCloseTo(1 / 8, 2);
    expect(only(5, 10, (_, i) => step(i))).toBeCloseTo(1 / 10, 2);
    // The two effects add; a bootstrap over single ratings would give 2 / 80.
    expect(only(8, 10, (r, i) => step(r) + step(i))).toBeCloseTo(1 / 8 + 1 / 10, 2);
  });

  it('gives an interval of known ends: two raters who differ, one image', () => {
    const means = crossedMeans(
      crossed(2, 1, (r) => (r === 0 ? 2 : 4)),
      1,
      draws(2, 'raters'),
      draws(1, 'images'),
    );
    // 2, 3 or 4 with probabilities 1/4, 1/2, 1/4.
    expect(new Set(means)).toEqual(new Set([2, 3, 4]));
    expect(definedInterval(means)).toEqual({ low: 2, high: 4 });
    expect(quantile(Float64Array.from(means).sort(), 0.5)).toBe(3);
  });

  it('covers the true mean of made crossed data about as often as it says', () => {
    let covered = 0;
    const studies = 200;
    for (let study = 0; study < studies; study += 1) {
      // Effects from a fixed set of normal-like numbers, drawn by a seeded permutation of phases.
      const effect = (kind: number, i: number) => {
        let sum = 0;
        for (let k = 1; k <= 6; k += 1) {
          const x =
            Math.sin((study + 1) * 12.9898 * k + (i + 1) * 78.233 + kind * 37.719) * 43758.5453;
          sum += x - Math.floor(x) - 0.5;
        }
        return sum;
      };
      const means = crossedMeans(
        crossed(20, 20, (r, i) => effect(1, r) + effect(2, i) + effect(3, 100 * r + i)),
        1,
        resampleWeights(20, { resamples: 400, seed: study, purpose: 'raters' }),
        resampleWeights(20, { resamples: 400, seed: study, purpose: 'images' }),
      );
      const interval = definedInterval(means);
      if (interval && interval.low <= 0 && interval.high >= 0) covered += 1;
    }
    expect(covered / studies).toBeGreaterThan(0.88);
    expect(covered / studies).toBeLessThanOrEqual(1);
  });

  it('leaves out resamples that drew nothing of a group, and gives up where most do', () => {
    const sparse: CrossedRating[] = [{ rater: 0, image: 0, group: 0, score: 3 }];
    const means = crossedMeans(sparse, 2, draws(10, 'raters'), draws(10, 'images'));
    const [rated, empty] = [means.subarray(0, 2000), means.subarray(2000)];
    expect(empty.every(Number.isNaN)).toBe(true);
    expect(definedInterval(empty)).toBeNull();
    // Both drawn in (1 - .9^10)^2 = 42% of the resamples.
    expect(rated.filter((value) => !Number.isNaN(value)).length / 2000).toBeCloseTo(0.42, 1);
    expect(definedInterval(rated)).toBeNull();
    expect(definedInterval(new Float64Array(0))).toBeNull();
  });

  it('keeps within the scores, and shifts and scales with them', () => {
    const ratings = fc.array(
      fc.record({
        rater: fc.integer({ min: 0, max: 3 }),
        image: fc.integer({ min: 0, max: 4 }),
        group: fc.integer({ min: 0, max: 2 }),
        score: fc.integer({ min: 1, max: 5 }),
      }),
    );
    const [raters, images] = [draws(4, 'raters', 40), draws(5, 'images', 40)];
    fc.assert(
      fc.property(ratings, (list) => {
        const means = crossedMeans(list, 3, raters, images);
        const doubled = list.map((rating) => ({ ...rating, score: 2 * rating.score + 1 }));
        crossedMeans(doubled, 3, raters, images).forEach((value, i) => {
          const mean = means[i] ?? Number.NaN;
          if (Number.isNaN(mean)) expect(value).toBeNaN();
          else {
            expect(value).toBeCloseTo(2 * mean + 1, 10);
            expect(mean).toBeGreaterThanOrEqual(1);
            expect(mean).toBeLessThanOrEqual(5);
          }
        });
      }),
    );
  });

  it('refuses an index that does not fit', () => {
    const bad = [{ rater: 4, image: 0, group: 0, score: 1 }];
    expect(() => crossedMeans(bad, 1, draws(4, 'r', 5), draws(1, 'i', 5))).toThrow('rater 4 of 4');
    expect(() => crossedMeans([], 1, draws(4, 'r', 5), draws(1, 'i', 6))).toThrow(RangeError);
  });
});

describe('areas of single images', () => {
  it('are trapezoids whose mean is the area of the mean curve', () => {
    const method = {
      id: 'a',
      name: 'A',
      composition: 'gradient',
      group: 'individual',
      equations: '',
    };
    const methods = [method, { ...method, id: 'b' }] as const;
    const levels = [0, 0.1, 0.5];
    // Row-major [M, L, N] with two images.
    const scores = Float32Array.of(1, 0.5, 0.5, 0.5, 0, 0.5, 1, 1, 1, 1, 1, 1);
    const areas = imageAreas({ methods: methods as never, levels, scores });
    expect([...areas].map((area) => Number(area.toFixed(9)))).toEqual([0.175, 0.25, 0.5, 0.5]);
    expect(() =>
      imageAreas({ methods: methods as never, levels, scores: new Float32Array(7) }),
    ).toThrow(RangeError);
  });
});
