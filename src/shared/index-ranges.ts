import { z } from 'zod';
import { valueAt } from './checked-reads';
import { formatCount } from './format/counts';

const index = z.int().nonnegative();
/** Indices of images as ranges, ascending and apart: [[first, last], …]. */
export const indexRangesSchema = z.array(z.tuple([index, index]));
export type IndexRanges = readonly (readonly [first: number, last: number])[];

/** @param indices ascending, each once */
export function rangesOf(indices: ArrayLike<number>): [number, number][] {
  const ranges: [number, number][] = [];
  for (let i = 0; i < indices.length; i += 1) {
    const at = valueAt(indices, i);
    const last = ranges.at(-1);
    if (last && last[1] === at - 1) last[1] = at;
    else ranges.push([at, at]);
  }
  return ranges;
}

export const countIn = (ranges: IndexRanges): number =>
  ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);

/** The indices themselves, ascending. */
export function indicesIn(ranges: IndexRanges): number[] {
  return ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
}

/** Says where an index stands among those of the ranges; null where it is none of them. */
export function placesIn(ranges: IndexRanges): (wanted: number) => number | null {
  let count = 0;
  const before = ranges.map(([first, last]) => {
    count += last - first + 1;
    return count - (last - first + 1);
  });
  return (wanted) => {
    const at = rangeOf(ranges, wanted);
    return at === null ? null : valueAt(before, at) + wanted - valueAt(ranges, at)[0];
  };
}

export const isIn = (ranges: IndexRanges, wanted: number): boolean =>
  rangeOf(ranges, wanted) !== null;

/** Which range holds an index: images that lie scattered make as many ranges as there are images. */
function rangeOf(ranges: IndexRanges, wanted: number): number | null {
  let [from, to] = [0, ranges.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const [first, last] = valueAt(ranges, middle);
    if (wanted < first) to = middle;
    else if (wanted > last) from = middle + 1;
    else return middle;
  }
  return null;
}

/** What is in both. */
export function inBoth(a: IndexRanges, b: IndexRanges): [number, number][] {
  const both: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [one, other] = [valueAt(a, i), valueAt(b, j)];
    const [first, last] = [Math.max(one[0], other[0]), Math.min(one[1], other[1])];
    if (first <= last) both.push([first, last]);
    if (one[1] < other[1]) i += 1;
    else j += 1;
  }
  return both;
}

/** `0–99, 120`; of many the first few. */
export function rangesText(ranges: IndexRanges, most = 6): string {
  const shown = ranges
    .slice(0, most)
    .map(([first, last]) => (first === last ? String(first) : `${first}–${last}`));
  const more = countIn(ranges.slice(most));
  return [...shown, ...(more > 0 ? [`and ${formatCount(more)} more`] : [])].join(', ');
}
