import { availableParallelism } from 'node:os';
import { type OwnImages } from '../../../shared/catalogue/own-images';
import { StudioError } from '../../../shared/errors';
import { breathe } from '../../runtime/cancel';
import { type FileTree } from '../file-tree';
import { whyRefused } from '../refusal';
import { decodeImage, UnreadableImage } from './decode';
import { fitted } from './fit';
import { Gate } from './gate';
import { maxFileBytes } from './limits';
import { type PlannedImage } from './plan';

/** Bytes of files, and pixels of images, that are in memory at once, but for a larger one alone. */
const mostBytes = 64 * 2 ** 20;
const mostPixels = 32_000_000;

/** An image as it is written, or why it is left out. */
export type Decoded = { readonly image: PlannedImage } & (
  { readonly pixels: Uint8Array } | { readonly why: string }
);

/**
 * Read, decode and fit images, some ahead, and hand them on in their order. Memory does not grow with
 * their number; an interactive request gets in between.
 *
 * @throws StudioError `cancelled`, and what is not an image's fault, such as too many open files
 */
export async function* decodeAhead(
  tree: FileTree,
  images: readonly PlannedImage[],
  settings: Pick<OwnImages, 'size' | 'fit' | 'grayscale'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Decoded> {
  const bytes = new Gate(mostBytes);
  const pixels = new Gate(mostPixels);
  /** Decoding is done in other threads, fitting in this one. */
  const ahead = Math.max(8, 4 * availableParallelism());
  const start = async (image: PlannedImage): Promise<Decoded> => {
    try {
      return { image, pixels: await read(tree, image.file, settings, { bytes, pixels }) };
    } catch (error) {
      return { image, why: whyLeftOut(error, image.file) };
    }
  };
  const started: Promise<Decoded>[] = [];
  const next = (image: PlannedImage | undefined) => {
    if (!image) return;
    const decoded = start(image);
    // Awaited in turn below; until then its failure is not yet anyone's.
    decoded.catch(() => undefined);
    started.push(decoded);
  };
  try {
    for (const image of images.slice(0, ahead)) next(image);
    for (let position = 0; position < images.length; position += 1) {
      const decoded = await started.shift();
      if (decoded) yield decoded;
      next(images[position + ahead]);
      if (position % 16 === 0) await breathe(signal);
    }
  } finally {
    // Nothing may still read the archive when it is closed.
    await Promise.allSettled(started);
  }
}

async function read(
  tree: FileTree,
  file: string,
  { size, fit, grayscale }: Pick<OwnImages, 'size' | 'fit' | 'grayscale'>,
  gates: { readonly bytes: Gate; readonly pixels: Gate },
): Promise<Uint8Array> {
  const stored = Math.min(await tree.size(file), maxFileBytes);
  let held = 0;
  await gates.bytes.enter(stored);
  try {
    const image = await decodeImage(await tree.read(file, maxFileBytes), {
      channels: grayscale ? 1 : 3,
      turned: true,
      async before(pixels) {
        await gates.pixels.enter(pixels);
        held = pixels;
      },
    });
    return fitted(image, { size, fit });
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
