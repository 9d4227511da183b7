import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { valueAt } from '../../shared/checked-reads';
import { type ByteSource, withFile } from '../models/byte-source';
import { breathe } from '../runtime/cancel';
import { lastAxisFirst, writeByRows } from './fortran';
import { type OpenArray } from './open-array';

/** Maps of a file, read a few at a time. */
export interface MapRows {
  /** Maps from one place up to another, each [H, W] or [H, W, C] with its last axis fastest. */
  read(from: number, to: number): Float32Array;
}

interface Options {
  /** A folder for what has to be unpacked or turned first; nothing of it stays. */
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes made ready, of how many. */
  readonly report: (done: number, total: number) => void;
}

/** Bytes between two pauses of a read through. */
const bytesPerPause = 32 * 2 ** 20;

/** Work with the maps of an array. What is packed or scattered is written out first: memory does not grow with it. */
export async function withRows<T>(
  array: OpenArray,
  { scratch, signal, report }: Options,
  work: (rows: MapRows) => Promise<T>,
): Promise<T> {
  const { header, type, content } = array;
  const { width } = type;
  const [rows = 0, ...axes] = header.shape;
  const columns = axes.reduce((product, size) => product * size, 1);
  const total = rows * columns * width;
  const unpacked = path.join(scratch, '.unpacked');
  const turned = path.join(scratch, '.by-rows');
  const paused = (share: number) => report(Math.round(share * total), total);
  const onRows = async (source: ByteSource): Promise<T> => {
    if (!header.fortran) return work(rowsOf(source, header.start, null));
    await mkdir(scratch, { recursive: true });
    const of = { rows, columns, start: header.start, width };
    await writeByRows(source, of, turned, { signal, report: paused });
    return withFile(turned, (file) => work(rowsOf(file, 0, lastAxisFirst(axes))));
  };
  /** @param places where each value of a row stands in what is handed out; null: where it stands */
  const rowsOf = (source: ByteSource, start: number, places: Uint32Array | null): MapRows => ({
    read(from, to) {
      const at = start + from * columns * width;
      const values = type.decode(source.read(at, start + to * columns * width));
      if (places === null) return values;
      const ordered = new Float32Array(values.length);
      for (let i = 0; i < values.length; i += 1) {
        const column = i % columns;
        ordered[i - column + valueAt(places, column)] = valueAt(values, i);
      }
      return ordered;
    },
  });
  try {
    if (content.kind === 'stored') {
      await readThrough(content.pieces(), signal, (done) => report(Math.min(done, total), total));
    }
    if (content.kind !== 'packed') return await onRows(content.source);
    await mkdir(scratch, { recursive: true });
    const file = await open(unpacked, 'w');
    try {
      let done = 0;
      for await (const piece of content.pieces()) {
        await file.writeFile(piece);
        done += piece.length;
        report(done, total);
        await breathe(signal);
      }
    } finally {
      await file.close();
    }
    return await withFile(unpacked, onRows);
  } finally {
    await rm(unpacked, { force: true });
    await rm(turned, { force: true });
  }
}

/** Its CRC-32 is compared at the end. */
async function readThrough(
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  report: (done: number) => void,
): Promise<void> {
  let [done, since] = [0, 0];
  for await (const { length } of pieces) {
    done += length;
    since += length;
    if (since < bytesPerPause) continue;
    since = 0;
    report(done);
    await breathe(signal);
  }
}
