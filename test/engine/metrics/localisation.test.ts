import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localisationAuc } from '../../../src/engine/metrics/localisation-auc';
import { type ObjectMask } from '../../../src/engine/metrics/object-mask';
import { pointingGame } from '../../../src/engine/metrics/pointing-game';
import { relevanceMass } from '../../../src/engine/metrics/relevance-mass';
import { relevanceRank } from '../../../src/engine/metrics/relevance-rank';
import { uniform } from '../support';
import { G, ordersOf } from './toys';

const maskOf = (inside: readonly number[], pixels = 9): ObjectMask =>
  Uint8Array.from({ length: pixels }, (_, p) => (inside.includes(p) ? 1 : 0));
const ofG = ordersOf(G, 9);
const pointing = (mask: ObjectMask, tolerance?: number) =>
  pointingGame(ofG[0] ?? -1, mask, 3, tolerance);

describe('against a mask', () => {
  it('the image of nine has known values with its object at its top', () => {
    const mask = maskOf([0, 4, 7, 8]);
    expect(pointing(mask)).toBe(1);
    expect(relevanceMass(G, mask)).toBeCloseTo(0.511111, 6);
    expect(relevanceRank(ofG, mask)).toBe(0.5);
    expect(localisationAuc(G, mask)).toBe(0.65);
  });

  it('and with its object far from it', () => {
    const mask = maskOf([0, 1, 3]);
    expect(pointing(mask)).toBe(0);
    expect(pointing(mask, 2.236067)).toBe(0);
    expect(pointing(mask, 2.236068)).toBe(1);
    expect(pointing(mask, 15)).toBe(1);
    expect(relevanceMass(G, mask)).toBeCloseTo(0.155556, 6);
    expect(relevanceRank(ofG, mask)).toBe(0);
    expect(localisationAuc(G, mask)).toBeCloseTo(0.055556, 6);
  });

  it('ties count half', () => {
    const map = Float32Array.of(0, 0, 2, 0, 3, 3, 1, 0, 1);
    const mask = maskOf([4, 5, 8]);
    expect(relevanceMass(map, mask)).toBeCloseTo(0.7, 6);
    expect(localisationAuc(map, mask)).toBeCloseTo(0.916667, 6);
  });

  it('an empty mask and a full one say nothing', () => {
    for (const mask of [maskOf([]), maskOf([0, 1, 2, 3, 4, 5, 6, 7, 8])]) {
      expect(pointing(mask)).toBeNull();
      expect(relevanceMass(G, mask)).toBeNull();
      expect(relevanceRank(ofG, mask)).toBeNull();
      expect(localisationAuc(G, mask)).toBeNull();
    }
  });

  it('a constant map is chance, and of a map of 0 the mass is undefined', () => {
    const mask = maskOf([0, 4, 7, 8]);
    const flat = new Float32Array(9).fill(2);
    expect(relevanceMass(flat, mask)).toBeCloseTo(4 / 9, 12);
    expect(localisationAuc(flat, mask)).toBe(0.5);
    expect(relevanceMass(new Float32Array(9), mask)).toBeNull();
    expect(localisationAuc(new Float32Array(9), mask)).toBe(0.5);
    // Ties are drawn for each image: a constant map points at the object as often as chance does.
    const images = Array.from({ length: 600 }, (_, image) => image);
    const orders = ordersOf(new Float32Array(600 * 9), 9, images);
    const hits = images.filter((image) => pointingGame(orders[image * 9] ?? -1, mask, 3) === 1);
    expect(Math.abs(hits.length / 600 - 4 / 9)).toBeLessThan(0.08);
  });

  it('a random map has the values that are expected of chance', () => {
    const mask = maskOf([1, 2, 5, 10, 15, 16, 20], 25);
    const images = Array.from({ length: 400 }, (_, image) => image);
    const of = (value: (map: Float32Array, image: number) => number | null) =>
      images.reduce((sum, image) => sum + (value(uniform(25, image), image) ?? Number.NaN), 0) /
      400;
    const order = (map: Float32Array, image: number) => ordersOf(map, 25, [image]);
    expect(Math.abs(of((map) => relevanceMass(map, mask)) - 0.28)).toBeLessThan(0.01);
    expect(Math.abs(of((map) => localisationAuc(map, mask)) - 0.5)).toBeLessThan(0.02);
    expect(
      Math.abs(of((map, image) => relevanceRank(order(map, image), mask)) - 0.28),
    ).toBeLessThan(0.03);
    expect(
      Math.abs(of((map, image) => pointingGame(order(map, image)[0] ?? -1, mask, 5)) - 0.28),
    ).toBeLessThan(0.08);
  });

  it('a map and its multiple point at the same place', () => {
    const values = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 9, maxLength: 9 });
    const masks = fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        values,
        masks,
        fc.nat(3),
        fc.constantFrom(0.25, 3, 1024),
        (map, inside, tau, by) => {
          const own = Float32Array.from(map);
          const mask = maskOf(inside);
          const of = (one: Float32Array) => {
            const order = ordersOf(one, 9);
            return [pointingGame(order[0] ?? -1, mask, 3, tau), relevanceRank(order, mask)];
          };
          expect(of(own.map((value) => value * by))).toEqual(of(own));
          expect(
            localisationAuc(
              own.map((value) => value * by),
              mask,
            ),
          ).toBe(localisationAuc(own, mask));
        },
      ),
    );
  });

  it('refuses what is no number', () => {
    const mask = maskOf([0]);
    const broken = Float32Array.of(1, 2, Number.NaN, 0, 0, 0, 0, 0, 0);
    expect(() => localisationAuc(broken, mask, 'the map of image 5')).toThrow(
      /the map of image 5 at pixel 2 is NaN/,
    );
    expect(() => relevanceMass(broken, mask)).toThrow(/NaN/);
    expect(() => ordersOf(broken, 9)).toThrow(/NaN/);
  });
});
