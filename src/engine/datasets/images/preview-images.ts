import { mkdir, rm } from 'node:fs/promises';
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
import { maskBytes } from '../../../shared/dataset-masks';
import { fittedMasks } from '../masks/import-masks';
import { type FoundMasks, findMasks } from '../masks/find-masks';
import { ToldTree, type TreeProgress } from '../told-tree';
import { breathe } from '../../runtime/cancel';
import { decodeImage } from './decode';
import { whyLeftOut } from './decode-ahead';
import { fitted } from './fit';
import { fitOf, type FitTo } from './fit-to';
import { maxFileBytes } from './limits';
import { closePacked, packedPixels } from './packed';
import { inGray, type Pixels } from './pixels';
import { type ImagePlan, type PlannedImage, planImages } from './plan';
import { type SampleFiles } from './sample-files';
import { type ImageSource, openFiles, openSource, type SourceRequest } from './source';

export interface PreviewRequest extends Omit<SourceRequest, 'report' | 'scratch' | 'coarse'> {
  /** A folder, an archive or a list of boxes; default: none but what lies beside the images. */
  readonly masks?: string | null | undefined;
  readonly settings: AskedImages;
  /** A folder for what has to be unpacked, emptied again. */
  readonly outDir: string;
  readonly kept: SampleFiles;
  /** Bytes of an archive or a long list read, of how many, and files seen. */
  readonly report?: (progress: TreeProgress) => void;
}

/** Images as they will look, bytes [N, size, size, C]; of a file that cannot be read why. */
export interface SampleImages {
  readonly pixels: Uint8Array;
  readonly shape: readonly [number, number, number, number];
  readonly refused: readonly RefusedImage[];
}

/** Masks of the samples that have one, in their order: bytes [N, ceil(size * size / 8)]. */
export interface SampleMasks {
  readonly bits: Uint8Array;
  readonly shape: readonly [number, number];
}

/** Images of which the size is looked up before any is decoded: on a disk that is a call each. */
const sized = 20_000;

/**
 * What an import of the same request would come to, and some images as they will look, with their masks. Nothing
 * is written; only these few images are decoded. What is refused here would be refused there.
 *
 * @throws StudioError as `importImages` for what refuses all; `cancelled`
 */
export async function previewImages(
  request: PreviewRequest,
): Promise<ImagesPreview & { readonly images: SampleImages; readonly maskBits: SampleMasks }> {
  return withScratch(request, openSource, async (opened, scratch) => {
    const { report, signal, stays } = request;
    const source = report ? { ...opened, tree: new ToldTree(opened.tree, report) } : opened;
    const { manifest } = source;
    const asked = completeImages(request.settings, manifest?.images ?? null);
    const fit = fitOf(source, asked);
    const plan = await planImages(source, asked, signal);
    const masks = await findMasks({
      source,
      given: request.masks ?? null,
      images: [...plan.train, ...plan.validation],
      classes: plan.classes,
      scratch,
      stays: stayingIn(stays, 'masks'),
      signal,
      report,
    });
    try {
      return await seen({ source, plan, masks, asked, fit, scratch, request });
    } finally {
      await masks?.close();
    }
  });
}

async function seen({
  source,
  plan,
  masks,
  asked,
  fit,
  scratch,
  request,
}: {
  readonly source: ImageSource;
  readonly plan: ImagePlan;
  readonly masks: FoundMasks | null;
  readonly asked: OwnImages;
  readonly fit: FitTo;
  readonly scratch: string;
  readonly request: PreviewRequest;
}): ReturnType<typeof previewImages> {
  const { signal } = request;
  const { manifest, tree } = source;
  const settings = { ...asked, ...fit };
  const empty = await emptyFiles(tree, plan, signal);
  const counts = plan.classes.map((name) => ({ name, train: 0, validation: 0 }));
  for (const split of ['train', 'validation'] as const) {
    for (const { file, label } of plan[split]) {
      if (!empty.has(file)) valueAt(counts, label)[split] += 1;
    }
  }
  const chosen = samplesOf(plan, empty);
  const files = chosen.map(nameOf);
  const images = await decoded(source, files, fit, request);
  const why = new Map(images.refused.map(({ path: file, reason }) => [file, reason]));
  const readable = chosen.filter((sample) => !why.has(nameOf(sample)));
  const masked = await sampleMasks({ source, masks, files: readable, fit, scratch });
  const refused = [
    ...plan.refused,
    ...(masks?.refused ?? []),
    ...[...empty].map((file) => ({ path: file, reason: isEmpty })),
  ];
  refused.sort((a, b) => byCodePoint(a.path, b.path));
  return {
    classes: counts,
    refused: refused.slice(0, previewedRefusals),
    refusals: refused.length,
    notes: [...plan.notes, ...(masks?.notes ?? [])],
    masks: masks && {
      train: plan.train.filter(({ file }) => masks.of.has(file)).length,
      validation: plan.validation.filter(({ file }) => masks.of.has(file)).length,
    },
    settings,
    stated: manifest,
    splitGiven: plan.splitGiven,
    samples: chosen.map((sample) => ({
      path: nameOf(sample),
      className: valueAt(plan.classes, sample.label),
      split: sample.split,
      why: why.get(nameOf(sample)) ?? null,
      masked: masked.found.has(sample.file),
      maskWhy: masked.why.get(sample.file) ?? null,
    })),
    images,
    maskBits: masked.bits,
  };
}

/** The masks of samples that have one. */
async function sampleMasks({
  source,
  masks,
  files,
  fit,
  scratch,
}: {
  readonly source: ImageSource;
  readonly masks: FoundMasks | null;
  readonly files: readonly PlannedImage[];
  readonly fit: FitTo;
  readonly scratch: string;
}) {
  const some = files.flatMap(({ file }) => {
    const mask = masks?.of.get(file);
    return mask ? [{ image: file, mask }] : [];
  });
  const fitted = await fittedMasks({ tree: source.tree, fit, scratch }, some);
  const found = new Set<string>();
  const why = new Map<string, string>();
  const drawn: Uint8Array[] = [];
  for (const [i, mask] of fitted.entries()) {
    const { image } = valueAt(some, i);
    if ('why' in mask) why.set(image, mask.why);
    else {
      found.add(image);
      drawn.push(mask.bits);
    }
  }
  const bytes = maskBytes(fit.size * fit.size);
  const bits: SampleMasks = { bits: Buffer.concat(drawn), shape: [drawn.length, bytes] };
  return { found, why, bits };
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
  if (files.some((name) => numberIn(name) !== null)) {
    const whole = { ...request, labels: null };
    return withScratch(whole, openSource, (source) =>
      decoded(source, files, fitOf(source, settings), request),
    );
  }
  const archive = await kept.keyOf(request.path);
  const loose = { name: path.basename(request.path), packed: null, manifest: null };
  const fit = fitOf(loose, settings);
  if (archive !== null && files.every((file) => kept.get(archive, file))) {
    return fitAll(files, fit, (file) => decodedFile(kept.get(archive, file) ?? none, fit));
  }
  const opened = async (asked: Parameters<typeof openFiles>[0]) => ({
    tree: await openFiles(asked),
    packed: null,
  });
  return withScratch(request, opened, (source) => decoded(source, files, fit, request));
}

/** How a sample is called: of many in one file by its number, too. */
const nameOf = ({ file, index }: PlannedImage): string =>
  index === null ? file : `${file}#${index}`;

const numberIn = (name: string): { readonly file: string; readonly index: number } | null => {
  const [, file, index] = /^(.+)#(\d+)$/.exec(name) ?? [];
  return file === undefined ? null : { file, index: Number(index) };
};

const none = new Uint8Array(0);

async function withScratch<
  R extends Pick<PreviewRequest, 'outDir' | 'report' | 'settings' | 'stays'>,
  S extends Tree,
  T,
>(
  request: R,
  open: (request: R & Pick<SourceRequest, 'scratch' | 'report' | 'coarse'>) => Promise<S>,
  work: (source: S, scratch: string) => Promise<T>,
): Promise<T> {
  const scratch = path.join(request.outDir, '.unpacked');
  const report = (done: number, total: number) => request.report?.({ done, total, unit: 'bytes' });
  try {
    await mkdir(scratch, { recursive: true });
    const coarse = request.settings.coarse ?? false;
    const stays = stayingIn(request.stays, 'images');
    const source = await open({ ...request, coarse, scratch, stays, report });
    try {
      return await work(source, scratch);
    } finally {
      closePacked(source.packed);
      await source.tree.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Images and masks may come in a tar each. */
const stayingIn = (folder: string | null | undefined, what: 'images' | 'masks'): string | null =>
  folder == null ? null : path.join(folder, what);

type Tree = Pick<ImageSource, 'tree' | 'packed'>;

const isEmpty = 'it is empty';

/** Files without a byte, as far as that is quickly seen. */
async function emptyFiles(
  tree: ImageSource['tree'],
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
    for (const image of plan[split]) {
      const { file, label } = image;
      const own = found.get(label);
      if (own && own.length < most && !empty.has(file)) own.push({ ...image, split });
    }
  }
  const perClass = Math.max(1, Math.floor(previewedImages / shown));
  return [...found.values()].flatMap((own) => own.slice(0, perClass));
}

/** Read samples; those of an archive are kept for another look. */
async function decoded(
  { tree, packed }: Tree,
  files: readonly string[],
  fit: FitTo,
  { path: source, kept, signal }: Pick<PreviewRequest, 'path' | 'kept' | 'signal'>,
): Promise<SampleImages> {
  const archive = await kept.keyOf(source);
  return fitAll(files, fit, async (name) => {
    await breathe(signal);
    const numbered = packed && numberIn(name);
    if (packed && numbered) {
      const stored = packedPixels(packed, numbered.file, numbered.index);
      return fit.grayscale ? inGray(stored) : stored;
    }
    const bytes = await tree.read(name, maxFileBytes);
    if (archive !== null) kept.keep(archive, name, bytes);
    return decodedFile(bytes, fit);
  });
}

const decodedFile = (bytes: Uint8Array, { grayscale }: FitTo): Promise<Pixels> =>
  decodeImage(bytes, { channels: grayscale ? 1 : 3, turned: true });

async function fitAll(
  files: readonly string[],
  fit: FitTo,
  read: (file: string) => Promise<Pixels>,
): Promise<SampleImages> {
  const { size } = fit;
  const channels = fit.grayscale ? 1 : 3;
  const made: Uint8Array[] = [];
  const refused: RefusedImage[] = [];
  for (const file of files) {
    try {
      made.push(fitted(await read(file), fit));
    } catch (error) {
      refused.push({ path: file, reason: whyLeftOut(error, file) });
    }
  }
  const pixels = new Uint8Array(made.length * size * size * channels);
  for (const [i, image] of made.entries()) pixels.set(image, i * image.length);
  return { pixels, shape: [made.length, size, size, channels], refused };
}
