import { availableParallelism } from 'node:os';
import path from 'node:path';
import { StudioError } from '../../../shared/errors';
import { breathe } from '../../runtime/cancel';
import { type FileTree } from '../file-tree';
import { whyRefused } from '../refusal';
import { contentOf } from './content';
import { type DecodeOptions, UnreadableImage, withImage } from './decode';
import { fitted } from './fit';
import { type FitTo } from './fit-to';
import { Gate } from './gate';
import { maxFileBytes } from './limits';
import { type PackedImages, packedPixels } from './packed';
import { inGray } from './pixels';
import { type PlannedImage } from './plan';
import { release } from './release';

/** Bytes of files, and pixels of images, that are in memory at once, but for a larger one alone. */
const mostBytes = 64 * 2 ** 20;
const mostPixels = 32_000_000;
/** Pixels of an image whose pixels lie in a file while it is fitted. */
const largePixels = 16_000_000;

/** An image as it is written, or why it is left out. */
export type Decoded = {
  readonly image: PlannedImage;
  /** What differs where its file is another one. */
  readonly stamp: string;
} & ({ readonly pixels: Uint8Array } | { readonly why: string });

export interface DecodeRequest {
  readonly source: { readonly tree: FileTree; readonly packed: PackedImages | null };
  readonly fit: FitTo;
  /** A folder that is there, for the pixels of large images. */
  readonly scratch: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Read, decode and fit images, some ahead, and hand them on in their order. Memory does not grow with
 * their number, nor with the pixels of one; an interactive request gets in between.
 *
 * @throws StudioError `cancelled`, and what is not an image's fault, such as too many open files
 */
export async function* decodeAhead(
  request: DecodeRequest,
  images: readonly PlannedImage[],
): AsyncGenerator<Decoded> {
  const gates = { bytes: new Gate(mostBytes), pixels: new Gate(mostPixels) };
  /** Decoding is done in other threads, fitting in this one. */
  const ahead = Math.max(8, 4 * availableParallelism());
  const started: Promise<Decoded>[] = [];
  const next = (position: number) => {
    const image = images[position];
    if (!image) return;
    const decoded = decodedOf(request, image, position, gates);
    // Awaited in turn below; until then its failure is not yet anyone's.
    decoded.catch(() => undefined);
    started.push(decoded);
  };
  try {
    for (let position = 0; position < ahead; position += 1) next(position);
    for (let position = 0; position < images.length; position += 1) {
      const decoded = await started.shift();
      if (decoded) yield decoded;
      next(position + ahead);
      if (position % 16 === 0) await breathe(request.signal);
    }
  } finally {
    // Nothing may still read the archive when it is closed.
    await Promise.allSettled(started);
  }
}

interface Gates {
  readonly bytes: Gate;
  readonly pixels: Gate;
}

async function decodedOf(
  request: DecodeRequest,
  image: PlannedImage,
  position: number,
  gates: Gates,
): Promise<Decoded> {
  const { source, fit } = request;
  const { file, index } = image;
  if (source.packed !== null && index !== null) {
    const stored = packedPixels(source.packed, file, index);
    return { image, pixels: fitted(fit.grayscale ? inGray(stored) : stored, fit), stamp: '' };
  }
  let stamp = '';
  try {
    const state = await source.tree.state(file);
    stamp = stampOf(state);
    const room = path.join(request.scratch, `decoded-${position}.v`);
    return { image, stamp, pixels: await read(request, file, room, state.bytes, gates) };
  } catch (error) {
    return { image, stamp, why: whyLeftOut(error, file) };
  }
}

export const stampOf = ({ bytes, stamp }: { readonly bytes: number; readonly stamp: string }) =>
  `${bytes} ${stamp}`;

async function read(
  { source, fit, scratch: folder }: DecodeRequest,
  file: string,
  room: string,
  bytes: number,
  gates: Gates,
): Promise<Uint8Array> {
  const stored = Math.min(bytes, maxFileBytes);
  let held = 0;
  await gates.bytes.enter(stored);
  try {
    const content = await contentOf(source.tree, file, bytes);
    const options: DecodeOptions = {
      channels: fit.grayscale ? 1 : 3,
      turned: true,
      async before(pixels) {
        await gates.pixels.enter(pixels);
        held = pixels;
      },
    };
    const onDisk = { above: largePixels, folder, file: room };
    try {
      return await withImage(content, options, onDisk, (image) => fitted(image, fit));
    } finally {
      if (held > largePixels && !('path' in content)) release(content);
    }
  } finally {
    gates.bytes.leave(stored);
    if (held > 0) gates.pixels.leave(held);
  }
}

/** What is wrong with the file; rethrows what is wrong elsewhere. */
export function whyLeftOut(error: unknown, file: string): string {
  if (error instanceof UnreadableImage) return error.message;
  if (error instanceof StudioError && error.code === 'corrupt-file') return whyRefused(error, file);
  throw error;
}
