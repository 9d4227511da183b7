import { closeSync, openSync, writeSync } from 'node:fs';
import { valueAt } from '../../shared/checked-reads';
import { type ByteSource } from '../models/byte-source';
import { breathe } from '../runtime/cancel';

/** Bytes that are turned at once. */
const tile = 32 * 2 ** 20;
/** Writes between two pauses: some milliseconds. */
const writesPerPause = 500;

/** An array whose first axis, its rows, runs fastest. */
interface ByColumns {
  readonly rows: number;
  readonly columns: number;
  /** Where its values begin. */
  readonly start: number;
  /** Bytes of a value. */
  readonly width: number;
}

/**
 * Write an array whose rows are scattered so that each lies together, with the memory of a tile. The values
 * of a row stay in their order, and the bytes of a value in theirs.
 */
export async function writeByRows(
  source: ByteSource,
  { rows, columns, start, width }: ByColumns,
  path: string,
  {
    signal,
    report,
  }: { readonly signal?: AbortSignal | undefined; readonly report: (share: number) => void },
): Promise<void> {
  const across = Math.max(1, Math.floor(tile / Math.max(1, rows * width)));
  const file = openSync(path, 'w');
  try {
    for (let from = 0; from < columns; from += across) {
      const to = Math.min(columns, from + across);
      const bytes = source.read(start + from * rows * width, start + to * rows * width);
      const part = new Uint8Array((to - from) * width);
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < to - from; column += 1) {
          const value = (column * rows + row) * width;
          for (let byte = 0; byte < width; byte += 1) {
            part[column * width + byte] = valueAt(bytes, value + byte);
          }
        }
        writeSync(file, part, 0, part.length, (row * columns + from) * width);
        if (row % writesPerPause === 0) await breathe(signal);
      }
      report(to / columns);
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Where each value of a row [H, W, C] that runs from its first axis stands in one that runs from its last.
 */
export function lastAxisFirst(axes: readonly number[]): Uint32Array {
  const count = axes.reduce((product, size) => product * size, 1);
  const places = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) {
    let rest = i;
    let [place, stride] = [0, count];
    for (const size of axes) {
      stride /= size;
      place += (rest % size) * stride;
      rest = Math.floor(rest / size);
    }
    places[i] = place;
  }
  return places;
}
