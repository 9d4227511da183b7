import { createHash } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson } from '../../../shared/canonical';
import { type Split } from '../../../shared/catalogue/datasets';
import {
  type AskedImages,
  completeImages,
  type OwnImages,
} from '../../../shared/catalogue/own-images';
import { valueAt } from '../../../shared/checked-reads';
import { byCodePoint } from '../../../shared/code-points';
import { StudioError } from '../../../shared/errors';
import {
  imageNamesFile,
  type ImportedImages,
  importedImagesFile,
  type RefusedImage,
  strictField,
} from '../../../shared/imported-images';
import { type StatedDataset } from '../../../shared/images-preview';
import { throwIfCancelled } from '../../runtime/cancel';
import { refusal } from '../refusal';
import { discardStore, StoreWriter, type WrittenFile } from '../store-writer';
import { type FoundMasks, findMasks } from '../masks/find-masks';
import { importMasks } from '../masks/import-masks';
import { discardMasks } from '../masks/mask-store';
import { decodeAhead } from './decode-ahead';
import { fitOf, type FitTo } from './fit-to';
import { forgetKept, type Kept, planDigest, readKept, States, statesOf, writeKept } from './kept';
import { closePacked } from './packed';
import { type ImagePlan, planImages } from './plan';
import { type ImageSource, openSource } from './source';

export interface ImagesRequest {
  /** A folder, a zip, a tar, a gzipped tar or a list of labels. */
  readonly path: string;
  /** A list whose paths count from the folder or archive; null: folders say the classes. */
  readonly labels: string | null;
  /** A folder, an archive or a list of boxes; default: none but what lies beside the images. */
  readonly masks?: string | null | undefined;
  /** What is left out is what an export states, else what is usual. */
  readonly settings: AskedImages;
  /** Whether a single file that is refused refuses all. */
  readonly strict: boolean;
  /** Where the store is written; made where it is missing. */
  readonly outDir: string;
  /** Whether what is done stays in `outDir` when it ends early, to go on with; default: nothing does. */
  readonly keep?: boolean;
  /** Milliseconds between two times that what is done is written down; default 500. */
  readonly keepEvery?: number;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of an archive unpacked, then images done, of how many. */
  readonly report?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly unit: 'bytes' | 'images';
  }) => void;
}

export interface ImagesResult extends ImportedImages {
  /** As they were completed, with the side and channels that the images have got. */
  readonly settings: OwnImages;
  /** What an export states of itself; null: it is none. */
  readonly stated: StatedDataset | null;
  /** dataset.json first, then the four files that it lists. */
  readonly files: readonly WrittenFile[];
}

/**
 * Make a dataset of one's own images: find them, give each its class and split, decode and fit them in
 * parallel, and write them into `outDir` as the store that training streams from, with
 * `imported.json` and `image-names.jsonl` beside it. Files that are no image are left out and listed. The same images, classes,
 * splits and fit give the same bytes and the same id, however they were packed and called. Memory does
 * not grow with the pixels. What an attempt that ended early left in `outDir` is gone on with where nothing
 * of what was imported has changed since, to the same bytes. However it ends short of its end, nothing of it
 * stays in `outDir`, unless that is to be kept.
 *
 * @throws StudioError `invalid-input` for what is none of the forms; `corrupt-file` naming the class
 *   without an image, the lines of a list, the entry that leads out, and, if strict, at field `strict` the
 *   first file that is no image; `not-found`; `disk-full`; `cancelled`
 */
export async function importImages(request: ImagesRequest): Promise<ImagesResult> {
  const { outDir, signal, report } = request;
  const scratch = path.join(outDir, '.unpacked');
  // One that was killed left it there.
  await rm(scratch, { recursive: true, force: true });
  let source: ImageSource | null = null;
  try {
    source = await openSource({
      ...request,
      coarse: request.settings.coarse ?? false,
      scratch,
      signal,
      report: (done, total) => report?.({ done, total, unit: 'bytes' }),
    });
    return await importFrom(source, scratch, request);
  } catch (error) {
    if (request.keep !== true || (await readKept(outDir)) === null) await discard(outDir);
    throw error;
  } finally {
    closePacked(source?.packed ?? null);
    await source?.tree.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function discard(outDir: string): Promise<void> {
  await discardStore(outDir);
  await forgetKept(outDir);
  await discardMasks(outDir);
  await rm(path.join(outDir, importedImagesFile), { force: true });
  await rm(path.join(outDir, imageNamesFile), { force: true });
}

async function importFrom(
  source: ImageSource,
  scratch: string,
  request: ImagesRequest,
): Promise<ImagesResult> {
  const { outDir, signal, report, keepEvery = usualPause } = request;
  const settings = completeImages(request.settings, source.manifest?.images ?? null);
  const fit = fitOf(source, settings);
  const plan = await planImages(source, settings, signal);
  const { classes, train, validation } = plan;
  const masks = await findMasks({
    source,
    given: request.masks ?? null,
    images: [...train, ...validation],
    classes,
    scratch,
    signal,
  });
  const total = train.length + validation.length + (masks?.of.size ?? 0);
  const begun = await (async () => {
    // What is seen without decoding an image is refused before one is.
    requireNone(request, [...plan.refused, ...(masks?.refused ?? [])], 'found');
    return begin({ source, fit, plan, request });
  })().catch(async (error: unknown) => {
    await masks?.close();
    throw error;
  });
  const { writer, refused, classes: counts, states } = begun;
  let { done } = begun;
  const tell = () => report?.({ done, total, unit: 'images' });
  if (done > 0) tell();
  try {
    requireNone(request, refused, 'read');
    await writer.requireSpace(total - done);
    let [kept, pause] = [performance.now(), keepEvery];
    for (const split of ['train', 'validation'] as const) {
      const before = split === 'train' ? 0 : train.length;
      const left = plan[split].slice(Math.max(0, done - before));
      for await (const made of decodeAhead({ source, fit, scratch, signal }, left)) {
        const { image, stamp } = made;
        if ('why' in made) {
          const left = { path: image.file, reason: made.why };
          requireNone(request, [left], 'read');
          refused.push(left);
        } else {
          await writer.add(split, made.pixels, image.label);
          valueAt(counts, image.label)[split] += 1;
        }
        states.add(image.file, stamp);
        done += 1;
        tell();
        const now = performance.now();
        if (now - kept < pause) continue;
        await writeKept(outDir, {
          plan: begun.digest,
          done,
          states: states.digest(),
          classes: counts,
          refused,
          files: await writer.settle(),
        });
        kept = performance.now();
        // A list of a hundred thousand refused files is not written twice a second.
        pause = keepEvery * Math.max(1, (kept - now) / usualWriting);
      }
    }
    throwIfCancelled(signal);
    const names = namesOf(plan, refused);
    let read = 0;
    const masked =
      masks &&
      (await masksOfStored({
        source,
        masks,
        plan,
        refused,
        fit,
        scratch,
        request,
        tell: () => {
          read += 1;
          report?.({ done: done + read, total, unit: 'images' });
        },
      }));
    const left = [...refused, ...plan.refused, ...(masked?.refused ?? [])];
    left.sort((a, b) => byCodePoint(a.path, b.path));
    requireNone(request, left, 'read');
    requireEach(counts, left, source.name);
    const files = await writer.finish((written) => idOf(plan, fit, written), {
      classes: classes.map((name) => ({ id: name, name })),
      complete: true,
      source: { ...(await aboutSource(request.path, source)), md5: null },
    });
    // An attempt before may have found some.
    if (masks === null) await discardMasks(outDir);
    const dataset = idOf(plan, fit, files.slice(1));
    const notes = [...begun.notes, ...plan.notes, ...(masks?.notes ?? [])];
    const about = { dataset, classes: counts, masks: masked?.counts ?? null };
    const imported = { ...about, refused: left, notes };
    await writeFile(path.join(outDir, importedImagesFile), JSON.stringify(imported));
    await writeFile(path.join(outDir, imageNamesFile), `${names.join('\n')}\n`);
    await forgetKept(outDir);
    return {
      ...imported,
      settings: { ...settings, ...fit },
      stated: source.manifest,
      files,
    };
  } finally {
    await writer.abandon();
    await masks?.close();
  }
}

/** How the images are called that could be read, in the order in which they are stored. */
function namesOf(plan: ImagePlan, refused: readonly RefusedImage[]): string[] {
  const left = new Set(refused.map((file) => file.path));
  return (['train', 'validation'] as const).flatMap((split) =>
    plan[split].flatMap(({ file, index }) => {
      if (left.has(file)) return [];
      return [JSON.stringify([split, index === null ? file : `${file}#${index}`])];
    }),
  );
}

/** The masks of the images that could be read, beside them. */
async function masksOfStored({
  source,
  masks,
  plan,
  refused,
  fit,
  scratch,
  request,
  tell,
}: {
  readonly source: ImageSource;
  readonly masks: FoundMasks;
  readonly plan: ImagePlan;
  /** Of the images alone. */
  readonly refused: readonly RefusedImage[];
  readonly fit: FitTo;
  readonly scratch: string;
  readonly request: ImagesRequest;
  readonly tell: () => void;
}) {
  const { outDir, signal } = request;
  const left = new Set(refused.map((file) => file.path));
  const stored = (split: Split) =>
    plan[split].flatMap(({ file }) => (left.has(file) ? [] : [file]));
  const images = { train: stored('train'), validation: stored('validation') };
  const { counts, refused: unread } = await importMasks({
    tree: source.tree,
    masks,
    images,
    fit,
    outDir,
    scratch,
    signal,
    report: tell,
    leftOut: (file) => requireNone(request, [file], 'read'),
  });
  // A mask of an image that could not be read is no fault of its own.
  return { counts, refused: [...masks.refused, ...unread] };
}

/** Milliseconds between two times that what is done is written down. */
const usualPause = 500;
/** Milliseconds that writing it down takes at most, unless they are further apart. */
const usualWriting = 25;

interface Begun extends Pick<Kept, 'done' | 'refused' | 'classes'> {
  readonly digest: string;
  readonly writer: StoreWriter;
  readonly states: States;
  readonly notes: readonly string[];
}

/** An import at its beginning, or where an attempt before came to. */
async function begin({
  source,
  fit,
  plan,
  request,
}: {
  readonly source: ImageSource;
  readonly fit: FitTo;
  readonly plan: ImagePlan;
  readonly request: ImagesRequest;
}): Promise<Begun> {
  const { outDir, signal } = request;
  const { classes, train, validation } = plan;
  const digest = await planDigest(source, request.path, plan, fit);
  const shape = [fit.size, fit.size, fit.grayscale ? 1 : 3] as const;
  const kept = await readKept(outDir);
  if (kept?.plan === digest) {
    const before = [...train, ...validation].slice(0, kept.done);
    const states = await statesOf(source.tree, before, signal);
    const same = states.digest() === kept.states;
    const writer = same
      ? await StoreWriter.reopen(outDir, shape, classes.length, kept.files)
      : null;
    if (writer) {
      const { done, refused, classes: counts } = kept;
      return { digest, writer, done, refused, classes: counts, states, notes: [] };
    }
  }
  await forgetKept(outDir);
  return {
    digest,
    writer: await StoreWriter.create(outDir, shape, classes.length),
    done: 0,
    refused: [],
    classes: classes.map((name) => ({ name, train: 0, validation: 0 })),
    states: new States(),
    notes: kept
      ? ['What was imported has changed since an attempt before was interrupted: it began anew.']
      : [],
  };
}

/**
 * What a dataset of one's own is called by its content: its pixels, labels, split and fit, whatever its
 * name and whatever it was packed in.
 */
function idOf(
  { classes }: Pick<ImagePlan, 'classes'>,
  { size, fit, grayscale }: FitTo,
  files: readonly WrittenFile[],
): string {
  const content = files.map(({ name, sha256 }) => ({ name, sha256 }));
  const text = canonicalJson({ classes, size, fit, grayscale, files: content });
  return `images-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

async function aboutSource(
  file: string,
  { kind, name }: { readonly kind: 'archive' | 'folder'; readonly name: string },
) {
  const bytes = kind === 'archive' ? (await stat(file)).size : null;
  return { kind, name, bytes, published: null, publishedAt: null };
}

/** Files that a refusal names. */
const told = 20;

/**
 * That no file is refused, where a single one refuses all.
 *
 * @param when all that can be told of before an image is read, or the first that is read
 */
function requireNone(
  { strict }: Pick<ImagesRequest, 'strict'>,
  refused: readonly RefusedImage[],
  when: 'found' | 'read',
): void {
  if (!strict || refused.length === 0) return;
  const ordered = [...refused].sort((a, b) => byCodePoint(a.path, b.path));
  throw strictly(
    ordered,
    when === 'found' ? 'No image was read yet' : 'No file behind it was read',
  );
}

function strictly(refused: readonly RefusedImage[], how: string): StudioError {
  const some = refused.slice(0, told).map(({ path: file, reason }) => `${file}: ${reason}`);
  const more = refused.length - some.length;
  const rest = more > 0 ? `; and ${more.toLocaleString('en')} more` : '';
  const files = refused.length === 1 ? '1 file is' : `${refused.length} files are`;
  return new StudioError({
    code: 'corrupt-file',
    message: `${files} refused, so nothing was imported: ${some.join('; ')}${rest}. ${how}.`,
    field: strictField,
    value: 'true',
    accepted: 'false, which leaves such files out and lists them',
    details: Object.fromEntries(
      refused.slice(0, told).map(({ path: file, reason }) => [file, reason]),
    ),
  });
}

/** That every class can be learnt, and something validates it. */
function requireEach(
  counts: readonly { readonly name: string; readonly train: number; readonly validation: number }[],
  refused: readonly RefusedImage[],
  source: string,
): void {
  const first = refused[0];
  const such = first ? ` (such as ${first.path}: ${first.reason})` : '';
  const empty = counts.find(({ train }) => train === 0);
  if (empty) {
    throw refusal(source, `no training image of the class ${empty.name} can be read${such}`);
  }
  if (counts.every(({ validation }: Record<Split, number>) => validation === 0)) {
    throw refusal(source, `no validation image can be read${such}`);
  }
}
