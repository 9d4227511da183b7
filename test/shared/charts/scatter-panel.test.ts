import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  labelHeight,
  type LabelledPoint,
  labelPlaces,
} from '../../../src/shared/charts/label-places';
import {
  readingOrder,
  type ScatterPoint,
  valueRange,
} from '../../../src/shared/charts/scatter-panel';

const area = { left: 60, top: 10, right: 560, bottom: 410 };
const pointIn = fc.record({
  x: fc.integer({ min: area.left, max: area.right }),
  y: fc.integer({ min: area.top, max: area.bottom }),
  width: fc.integer({ min: 30, max: 190 }),
});

describe('places of labels', () => {
  it('lie within the plot, beside their points, and over one another only where it is crowded', () => {
    fc.assert(
      fc.property(fc.array(pointIn, { minLength: 1, maxLength: 4 }), (points) => {
        const places = labelPlaces(points, area);
        expect(places).toHaveLength(points.length);
        const boxes = places.map(({ left, top }, i) => ({
          left,
          top,
          right: left + (points[i] as LabelledPoint).width,
          bottom: top + labelHeight,
        }));
        for (const [i, box] of boxes.entries()) {
          expect(box.left).toBeGreaterThanOrEqual(area.left);
          expect(box.right).toBeLessThanOrEqual(area.right);
          expect(box.top).toBeGreaterThanOrEqual(area.top);
          expect(box.bottom).toBeLessThanOrEqual(area.bottom);
          for (const other of boxes.slice(i + 1)) {
            const apart =
              box.right <= other.left ||
              other.right <= box.left ||
              box.bottom <= other.top ||
              other.bottom <= box.top;
            expect(apart).toBe(true);
          }
        }
      }),
      {
        // Two that would touch by a fifth of a pixel.
        examples: [
          [
            [
              { x: 469, y: 323, width: 182 },
              { x: 84, y: 320, width: 190 },
            ],
          ],
        ],
      },
    );
  });

  it('say which stand so far off that a line must lead to them', () => {
    const same = Array.from({ length: 9 }, () => ({ x: 300, y: 200, width: 150 }));
    const places = labelPlaces(same, area);
    expect(places[0]?.away).toBe(false);
    expect(places.some(({ away }) => away)).toBe(true);
    // Nine labels on one point still find a place each.
    for (const [i, one] of places.entries()) {
      for (const other of places.slice(i + 1)) {
        const apart =
          Math.abs(one.left - other.left) >= 150 ||
          Math.abs(one.top - other.top) >= labelHeight - 1e-9;
        expect(apart).toBe(true);
      }
    }
  });
});

const point = (x: number, y: number, yLow: number | null = null): ScatterPoint => ({
  method: 'smoothgrad',
  name: 'SmoothGrad',
  ...{ x, y, xLow: null, xHigh: null, yLow, yHigh: yLow === null ? null : y },
});

describe('the scatter', () => {
  it('has round ends around all values, with 0 unless that would leave it mostly empty', () => {
    expect(valueRange([point(1, 0.05), point(2, 0.31)])).toEqual({
      min: 0,
      max: 0.4,
      interval: 0.1,
    });
    expect(valueRange([point(1, 0.13), point(2, 0.31, -0.04)]).min).toBeLessThan(-0.03);
    expect(valueRange([point(1, 0.13), point(2, 0.31)]).min).toBe(0.1);
    const flat = valueRange([point(1, 0)]);
    expect(flat.min).toBeLessThanOrEqual(0);
    expect(flat.max).toBeGreaterThanOrEqual(0);
  });

  it('is read from left to right', () => {
    expect(readingOrder([point(3, 0), point(1, 0), point(2, 0)])).toEqual([1, 2, 0]);
  });
});
