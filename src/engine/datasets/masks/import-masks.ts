import sharp from 'sharp';
import { type Split } from '../../../shared/catalogue/datasets';
import { type MaskCounts } from '../../../shared/dataset-masks';
import { type RefusedImage } from '../../../shared/imported-images';
import { StudioError } from '../../../shared/errors';
import { breathe } from '../../runtime/cancel';
import { type FileTree } from '../file-tree';
import { whyRefused } from '../refusal';
import { UnreadableImage } from '../images/decode';
import { type FitTo } from '../images/fit-to';
import { Gate } from '../images/gate';
import { maxFileBytes } from '../images/limits';
import { type FoundMask, type FoundMasks } from './find-masks';
import { fittedMask } from './mask';
import { MaskWriter } from './mask-store';

/** Masks that are read at once. */
const together = 8;
/** Pixels of masks that are in memory at once, but for a larger one alone. */
const mostPixels = 16_000_000;

export interface MasksImport {
  /** Of the images. */
  readonly tree: FileTree;
  readonly masks: FoundMasks;
  /** Images as they are stored, by split, by their paths. */
  readonly images: Readonly<Record<Split, readonly string[]>>;
  readonly fit: FitTo;
  readonly outDir: string;
  readonly signal: AbortSignal | undefined;
  /** Told after each mask. */
  readonly report: () => void;
}

type Fitted = { readonly bits: Uint8Array } | { readonly why: string };

/**
 * Read the masks of images that are stored, and write them beside, at the side of the dataset and in the place
 * where the images' pixels went. A mask of another size than its image, one with nothing in it, and one of
 * which nothing is left at that side are left out and listed.
 *
 * @throws StudioError `cancelled`
 */
export async function importMasks({
  tree,
  masks,
  images,
  fit,
  outDir,
  signal,
  report,
}: MasksImport): Promise<{ counts: MaskCounts; refused: readonly RefusedImage[] }> {
  const writer = await MaskWriter.create(outDir, [fit.size, fit.size]);
  const refused: RefusedImage[] = [];
  const gate = new Gate(mostPixels);
  try {
    for (const split of ['train', 'validation'] as const) {
      const found = images[split].flatMap((image, index) => {
        const mask = masks.of.get(image);
        return mask ? [{ image, index, mask }] : [];
      });
      for (let at = 0; at < found.length; at += together) {
        await breathe(signal);
        const some = found.slice(at, at + together);
        const read = await Promise.all(
          some.map(({ image, mask }) => maskOf(tree, image, mask, fit, gate)),
        );
        for (const [i, fitted] of read.entries()) {
          const { index, mask } = some[i] as (typeof some)[number];
          if ('why' in fitted) refused.push({ path: mask.file, reason: fitted.why });
          else await writer.add(split, { index, bits: fitted.bits });
          report();
        }
      }
    }
    return { counts: await writer.finish(), refused };
  } finally {
    await writer.abandon();
  }
}

async function maskOf(
  tree: FileTree,
  image: string,
  { file, read }: FoundMask,
  fit: FitTo,
  gate: Gate,
): Promise<Fitted> {
  try {
    const { width, height, autoOrient } = await sharp(await tree.read(image, maxFileBytes), {
      limitInputPixels: false,
    }).metadata();
    const size = autoOrient ?? { width, height };
    const pixels = size.width * size.height;
    await gate.enter(pixels);
    try {
      const mask = await read(size);
      const { bits, count } = fittedMask(mask, size, fit);
      return count > 0 ? { bits } : { why: emptyWords(mask, size, fit) };
    } finally {
      gate.leave(pixels);
    }
  } catch (error) {
    if (error instanceof UnreadableImage) return { why: error.message };
    if (error instanceof StudioError && error.code === 'corrupt-file') {
      return { why: whyRefused(error, file) };
    }
    throw error;
  }
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
