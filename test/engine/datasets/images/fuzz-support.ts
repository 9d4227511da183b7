import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { closePacked, packedPixels } from '../../../../src/engine/datasets/images/packed';
import { planImages } from '../../../../src/engine/datasets/images/plan';
import { openSource } from '../../../../src/engine/datasets/images/source';
import { completeImages } from '../../../../src/shared/catalogue/own-images';
import { StudioError } from '../../../../src/shared/errors';
import { idx } from '../../../fixtures/idx';
import { expectNothingIn } from '../support';
import { made } from './support';

const soak = process.env['SOAK_FILES'];
/** Files of a kind: `npm run soak` makes more. */
export const runs = (usual: number) => ({ numRuns: Number(soak ?? usual) });
export const timeout = 60_000 + Number(soak ?? 0) * 40;

export const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const byte = fc.integer({ min: 0, max: 255 });

/** The same bytes with some others in a few places, and perhaps cut. */
export function damaged(
  bytes: Buffer,
  changes: readonly (readonly [number, number])[],
  cut: number,
): Buffer {
  const copy = Buffer.from(bytes.subarray(0, Math.ceil(bytes.length * Math.min(1, cut))));
  for (const [at, value] of changes) copy[Math.floor(at * copy.length)] = value;
  return copy;
}
const place = fc.oneof(
  share,
  share.map((at) => at / 20),
);
export const changes = fc.array(fc.tuple(place, byte), { maxLength: 4 });

let tried = 0;

/**
 * A source ends in images, or in a refusal by a name, of which nothing is left. Where very many are tried, each
 * is found and planned, and the images of one in ten are decoded and stored.
 *
 * @returns the dataset that it becomes; null: it is none, or was planned alone
 */
export async function ends(
  source: string,
  outDir: string,
  labels: string | null = null,
): Promise<string | null> {
  tried += 1;
  try {
    if (soak === undefined || tried % 10 === 0) {
      return (await made(source, { labels, size: 8 }, outDir)).dataset;
    }
    await planned(source, outDir, labels);
    return null;
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    expect(['corrupt-file', 'invalid-input']).toContain(error.code);
    expect(error.data.details?.['file']).toBeTruthy();
    expectNothingIn(outDir);
    return null;
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

async function planned(path_: string, outDir: string, labels: string | null): Promise<void> {
  const scratch = path.join(outDir, '.unpacked');
  const opened = { path: path_, labels, coarse: false, scratch, signal: undefined };
  try {
    const source = await openSource({ ...opened, report: () => undefined });
    try {
      const { train, validation } = await planImages(source, completeImages({}, null));
      for (const { file, index } of [...train, ...validation]) {
        if (source.packed && index !== null) packedPixels(source.packed, file, index);
        else expect(await source.tree.size(file)).toBeGreaterThanOrEqual(0);
      }
    } finally {
      closePacked(source.packed);
      await source.tree.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The same of one file. */
export async function fileEnds(name: string, bytes: Uint8Array): Promise<string | null> {
  const home = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
  try {
    const source = path.join(home, name);
    writeFileSync(source, bytes);
    return await ends(source, path.join(home, 'out'));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** A small set in IDX files. */
export const idxFiles = (): [string, Buffer][] =>
  ['train', 't10k'].flatMap((part): [string, Buffer][] => [
    [`${part}-images-idx3-ubyte`, idx([4, 8, 8], new Uint8Array(256).fill(7))],
    [`${part}-labels-idx1-ubyte`, idx([4], Uint8Array.of(0, 1, 0, 1))],
  ]);
