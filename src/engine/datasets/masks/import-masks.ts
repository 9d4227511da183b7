import path from 'node:path';
import sharp from 'sharp';
import { type Split } from '../../../shared/catalogue/datasets';
import { type MaskCounts } from '../../../shared/dataset-masks';
import { type RefusedImage } from '../../../shared/imported-images';
import { StudioError } from '../../../shared/errors';
import { breathe } from '../../runtime/cancel';
import { type FileTree, headOf } from '../file-tree';
import { whyRefused } from '../refusal';
import { type DiskRoom, UnreadableImage } from '../images/decode';
import { type FitTo } from '../images/fit-to';
import { Gate } from '../images/gate';
import { maxFileBytes } from '../images/limits';
import { release } from '../images/release';
import { type FoundMask, type FoundMasks } from './find-masks';
import { fittedMask, type Size } from './mask';
import { MaskWriter } from './mask-store';

/** Masks that are read at once. */
const together = 8;
/** Bytes of files, and pixels of masks, that are in memory at once, but for a larger one alone. */
const mostBytes = 32 * 2 ** 20;
const mostPixels = 16_000_000;
/** Bytes of a JPEG in which its size stands, and how it is turned. */
const headBytes = 128 * 2 ** 10;

export interface MasksImport {
  /** Of the images. */
  readonly tree: FileTree;
  readonly masks: FoundMasks;
  /** Images as they are stored, by split, by their paths. */
  readonly images: Readonly<Record<Split, readonly string[]>>;
  readonly fit: FitTo;
  readonly outDir: string;
  /** A folder that is there, for the pixels of large masks. */
  readonly scratch: string;
  readonly signal: AbortSignal | undefined;
  /** Told after each mask. */
  readonly report: () => void;
  /** Told of each that is left out; may throw to refuse all. */
  readonly leftOut: (file: RefusedImage) => void;
}

/** A mask at the side of its dataset, or why there is none. */
export type Fitted = { readonly bits: Uint8Array } | { readonly why: string };

/**
 * Read the masks of images that are stored, and write them beside, at the side of the dataset and in the place
 * where the images' pixels went. A mask of another size than its image, one with nothing in it, and one of
 * which nothing is left at that side are left out and listed.
 *
 * @throws StudioError `cancelled`; `disk-full`
 */
export async function importMasks({
  tree,
  masks,
  images,
  fit,
  outDir,
  scratch,
  signal,
  report,
  leftOut,
}: MasksImport): Promise<{ counts: MaskCounts; refused: readonly RefusedImage[] }> {
  const writer = await MaskWriter.create(outDir, [fit.size, fit.size]);
  const refused: RefusedImage[] = [];
  try {
    for (const split of ['train', 'validation'] as const) {
      const found = images[split].flatMap((image, index) => {
        const mask = masks.of.get(image);
        return mask ? [{ image, index, mask }] : [];
      });
      for (let at = 0; at < found.length; at += together) {
        await breathe(signal);
        const some = found.slice(at, at + together);
        const read = await fittedMasks({ tree, fit, scratch }, some);
        for (const [i, fitted] of read.entries()) {
          const { index, mask } = some[i] as (typeof some)[number];
          if ('why' in fitted) {
            const left = { path: mask.file, reason: fitted.why };
            leftOut(left);
            refused.push(left);
          } else await writer.add(split, { index, bits: fitted.bits });
          report();
        }
      }
    }
    return { counts: await writer.finish(), refused };
  } finally {
    await writer.abandon();
  }
}

type Reading = Pick<MasksImport, 'tree' | 'fit' | 'scratch'>;

/** The masks of a few images, in their order. */
export function fittedMasks(
  { tree, fit, scratch }: Reading,
  some: readonly { readonly image: string; readonly mask: FoundMask }[],
): Promise<Fitted[]> {
  const gates = { bytes: new Gate(mostBytes), pixels: new Gate(mostPixels) };
  return Promise.all(
    some.map(({ image, mask }, i) => {
      const file = path.join(scratch, `mask-${i}.v`);
      const room = { above: mostPixels, folder: scratch, file };
      return maskOf({ tree, fit, gates, room }, image, mask);
    }),
  );
}

interface Places {
  /** Of the images. */
  readonly tree: FileTree;
  readonly fit: FitTo;
  readonly gates: Record<'bytes' | 'pixels', Gate>;
  readonly room: DiskRoom;
}

async function maskOf(
  { tree, fit, gates, room }: Places,
  image: string,
  found: FoundMask,
): Promise<Fitted> {
  try {
    const size = await sizeOf(tree, image, gates.bytes);
    return await within(gates.bytes, await found.bytes(), () =>
      within(gates.pixels, size.width * size.height, async () => {
        const mask = await found.read(size, room);
        try {
          const { bits, count } = fittedMask(mask, size, fit);
          return count > 0 ? { bits } : { why: emptyWords(mask, size, fit) };
        } finally {
          await mask.close?.();
        }
      }),
    );
  } catch (error) {
    if (error instanceof UnreadableImage) return { why: error.message };
    if (error instanceof StudioError && error.code === 'corrupt-file') {
      return { why: whyRefused(error, found.file) };
    }
    throw error;
  }
}

async function within<T>(gate: Gate, amount: number, work: () => Promise<T>): Promise<T> {
  await gate.enter(amount);
  try {
    return await work();
  } finally {
    gate.leave(amount);
  }
}

/** Of an image as it is seen. Where one is packed, no more of it is unpacked than says so. */
async function sizeOf(tree: FileTree, image: string, gate: Gate): Promise<Size> {
  const bytes = await tree.size(image);
  const place = await tree.place(image);
  if (place !== null) return seenSize(place);
  if (bytes > headBytes) {
    const head = await headOf(tree, image, headBytes);
    // Others may say behind their pixels how they are turned.
    const size = isJpeg(head) ? await seenSize(head).catch(() => null) : null;
    if (size) return size;
  }
  return within(gate, Math.min(bytes, maxFileBytes), async () => {
    const content = await tree.read(image, maxFileBytes);
    try {
      return await seenSize(content);
    } finally {
      release(content);
    }
  });
}

const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;

async function seenSize(image: Uint8Array | string): Promise<Size> {
  const options = { limitInputPixels: false } as const;
  const { width, height, autoOrient } = await sharp(image, options).metadata();
  return autoOrient ?? { width, height };
}

/** Why nothing of a mask is left. */
function emptyWords(
  { inside }: Parameters<typeof fittedMask>[0],
  { width, height }: { readonly width: number; readonly height: number },
  { size }: FitTo,
): string {
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (inside(x, y)) return `nothing of its object is left at ${size} × ${size} pixels`;
    }
  }
  return 'there is no object in it';
}
