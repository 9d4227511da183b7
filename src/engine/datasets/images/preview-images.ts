import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Split } from '../../../shared/catalogue/datasets';
import {
  type AskedImages,
  completeImages,
  type OwnImages,
} from '../../../shared/catalogue/own-images';
import { valueAt } from '../../../shared/checked-reads';
import { byCodePoint } from '../../../shared/code-points';
import {
  type ImagesPreview,
  previewedImages,
  previewedRefusals,
} from '../../../shared/images-preview';
import { type RefusedImage } from '../../../shared/imported-images';
import { breathe } from '../../runtime/cancel';
import { type FileTree } from '../file-tree';
import { decodeImage } from './decode';
import { whyLeftOut } from './decode-ahead';
import { fitted } from './fit';
import { maxFileBytes } from './limits';
import { type ImagePlan, type PlannedImage, planImages } from './plan';
import { type SampleFiles } from './sample-files';
import { openFiles, openSource, type SourceRequest } from './source';

export interface PreviewRequest extends Omit<SourceRequest, 'report' | 'scratch'> {
  readonly settings: AskedImages;
  /** A folder for what has to be unpacked, emptied again. */
  readonly outDir: string;
  readonly kept: SampleFiles;
  /** Bytes of an archive unpacked, of how many. */
  readonly report?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Images as they will look, bytes [N, size, size, C]; of a file that cannot be read why. */
export interface SampleImages {
  readonly pixels: Uint8Array;
  readonly shape: readonly [number, number, number, number];
  readonly refused: readonly RefusedImage[];
}

/** Images of which the size is looked up before any is decoded: on a disk that is a call each. */
const sized = 20_000;

/**
 * What an import of the same request would come to, and some images as they will look. Nothing is
 * written; only these few images are decoded. What is refused here would be refused there.
 *
 * @throws StudioError as `importImages` for what refuses all; `cancelled`
 */
export async function previewImages(
  request: PreviewRequest,
): Promise<ImagesPreview & { readonly images: SampleImages }> {
  return withScratch(request, openSource, async ({ tree, ...source }) => {
    const { signal } = request;
    const { manifest } = source;
    const settings = completeImages(request.settings, manifest?.images ?? null);
    const plan = await planImages({ tree, ...source }, settings, signal);
    const empty = await emptyFiles(tree, plan, signal);
    const counts = plan.classes.map((name) => ({ name, train: 0, validation: 0 }));
    for (const split of ['train', 'validation'] as const) {
      for (const { file, label } of plan[split]) {
        if (!empty.has(file)) valueAt(counts, label)[split] += 1;
      }
    }
    const chosen = samplesOf(plan, empty);
    const files = chosen.map(({ file }) => file);
    const images = await decoded(tree, files, settings, request);
    const why = new Map(images.refused.map(({ path: file, reason }) => [file, reason]));
    const refused = [
      ...plan.refused,
      ...[...empty].map((file) => ({ path: file, reason: isEmpty })),
    ];
    refused.sort((a, b) => byCodePoint(a.path, b.path));
    return {
      classes: counts,
      refused: refused.slice(0, previewedRefusals),
      refusals: refused.length,
      notes: [...plan.notes],
      settings,
      stated: manifest,
      splitGiven: plan.splitGiven,
      samples: chosen.map(({ file, label, split }) => ({
        path: file,
        className: valueAt(plan.classes, label),
        split,
        why: why.get(file) ?? null,
      })),
      images,
    };
  });
}

/**
 * The same images in another size, fit or number of channels.
 *
 * @param files their paths, as the preview named them
 */
export async function sampleImages(
  request: Omit<PreviewRequest, 'labels' | 'settings'> & {
    readonly settings: OwnImages;
    readonly files: readonly string[];
  },
): Promise<SampleImages> {
  const { files, kept, settings } = request;
  const archive = await kept.keyOf(request.path);
  if (archive !== null && files.every((file) => kept.get(archive, file))) {
    return fitAll(files, settings, (file) => Promise.resolve(kept.get(archive, file) ?? none));
  }
  const opened = async (asked: Parameters<typeof openFiles>[0]) => ({
    tree: await openFiles(asked),
  });
  return withScratch(request, opened, ({ tree }) => decoded(tree, files, settings, request));
}
const none = new Uint8Array(0);

async function withScratch<R extends Pick<PreviewRequest, 'outDir' | 'report'>, S extends Tree, T>(
  request: R,
  open: (request: R & Pick<SourceRequest, 'scratch' | 'report'>) => Promise<S>,
  work: (source: S) => Promise<T>,
): Promise<T> {
  const scratch = path.join(request.outDir, '.unpacked');
  const report = (done: number, total: number) => request.report?.({ done, total });
  try {
    const source = await open({ ...request, scratch, report });
    try {
      return await work(source);
    } finally {
      await source.tree.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
interface Tree {
  readonly tree: FileTree;
}

const isEmpty = 'it is empty';

/** Files without a byte, as far as that is quickly seen. */
async function emptyFiles(
  tree: FileTree,
  { train, validation }: ImagePlan,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const empty = new Set<string>();
  if (train.length + validation.length > sized) return empty;
  let seen = 0;
  for (const { file } of [...train, ...validation]) {
    if ((await tree.size(file)) === 0) empty.add(file);
    seen += 1;
    if (seen % 500 === 0) await breathe(signal);
  }
  return empty;
}

type Sample = PlannedImage & { readonly split: Split };

/** The first images of every class in turn, or of classes that lie evenly among many; those to train on first. */
function samplesOf(plan: ImagePlan, empty: ReadonlySet<string>): readonly Sample[] {
  const classes = plan.classes.length;
  const shown = Math.min(classes, previewedImages);
  const labels = Array.from({ length: shown }, (_, i) => Math.floor((i * classes) / shown));
  const most = Math.ceil(previewedImages / shown);
  const found = new Map(labels.map((label) => [label, [] as Sample[]]));
  for (const split of ['train', 'validation'] as const) {
    for (const { file, label } of plan[split]) {
      const own = found.get(label);
      if (own && own.length < most && !empty.has(file)) own.push({ file, label, split });
    }
  }
  const perClass = Math.max(1, Math.floor(previewedImages / shown));
  return [...found.values()].flatMap((own) => own.slice(0, perClass));
}

/** Read samples from a tree; those of an archive are kept for another look. */
async function decoded(
  tree: FileTree,
  files: readonly string[],
  settings: OwnImages,
  { path: source, kept, signal }: Pick<PreviewRequest, 'path' | 'kept' | 'signal'>,
): Promise<SampleImages> {
  const archive = await kept.keyOf(source);
  return fitAll(files, settings, async (file) => {
    await breathe(signal);
    const bytes = await tree.read(file, maxFileBytes);
    if (archive !== null) kept.keep(archive, file, bytes);
    return bytes;
  });
}

async function fitAll(
  files: readonly string[],
  { size, fit, grayscale }: OwnImages,
  read: (file: string) => Promise<Uint8Array>,
): Promise<SampleImages> {
  const channels = grayscale ? 1 : 3;
  const made: Uint8Array[] = [];
  const refused: RefusedImage[] = [];
  for (const file of files) {
    try {
      const image = await decodeImage(await read(file), { channels, turned: true });
      made.push(fitted(image, { size, fit }));
    } catch (error) {
      refused.push({ path: file, reason: whyLeftOut(error, file) });
    }
  }
  const pixels = new Uint8Array(made.length * size * size * channels);
  for (const [i, image] of made.entries()) pixels.set(image, i * image.length);
  return { pixels, shape: [made.length, size, size, channels], refused };
}
