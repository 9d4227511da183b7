import { createHash } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson } from '../../../shared/canonical';
import { type Split } from '../../../shared/catalogue/datasets';
import { type OwnImages } from '../../../shared/catalogue/own-images';
import { valueAt } from '../../../shared/checked-reads';
import { byCodePoint } from '../../../shared/code-points';
import { StudioError } from '../../../shared/errors';
import {
  imageNamesFile,
  type ImportedImages,
  importedImagesFile,
  type RefusedImage,
} from '../../../shared/imported-images';
import { throwIfCancelled } from '../../runtime/cancel';
import { refusal } from '../refusal';
import { StoreWriter, type WrittenFile } from '../store-writer';
import { decodeAhead } from './decode-ahead';
import { type ImagePlan, planImages } from './plan';
import { openSource } from './source';

export interface ImagesRequest {
  /** A folder, a zip, a tar, a gzipped tar or a list of labels. */
  readonly path: string;
  /** A list whose paths count from the folder or archive; null: folders say the classes. */
  readonly labels: string | null;
  readonly settings: OwnImages;
  /** Whether a single file that is refused refuses all. */
  readonly strict: boolean;
  /** Where the store is written; made where it is missing. */
  readonly outDir: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of an archive unpacked, then images done, of how many. */
  readonly report?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly unit: 'bytes' | 'images';
  }) => void;
}

export interface ImagesResult extends ImportedImages {
  /** dataset.json first, then the four files that it lists. */
  readonly files: readonly WrittenFile[];
}

/**
 * Make a dataset of one's own images: find them, give each its class and split, decode and fit them in
 * parallel, and write them into `outDir` as the store that training streams from, with
 * `imported.json` and `image-names.jsonl` beside it. Files that are no image are left out and listed. The same images, classes,
 * splits and fit give the same bytes and the same id, however they were packed and called. Memory does
 * not grow with the pixels. When it fails or is cancelled, nothing of it stays in `outDir`.
 *
 * @throws StudioError `invalid-input` for what is none of the forms; `corrupt-file` naming the class
 *   without an image, the lines of a list, the entry that leads out, and, if strict, the files that
 *   are no image; `not-found`; `disk-full`; `cancelled`
 */
export async function importImages(request: ImagesRequest): Promise<ImagesResult> {
  const { outDir, settings, signal, report } = request;
  const scratch = path.join(outDir, '.unpacked');
  const source = await openSource({
    ...request,
    scratch,
    signal,
    report: (done, total) => report?.({ done, total, unit: 'bytes' }),
  }).catch(async (error: unknown) => {
    await rm(scratch, { recursive: true, force: true });
    throw error;
  });
  let writer: StoreWriter | undefined;
  try {
    const plan = await planImages(source, settings, signal);
    const { classes } = plan;
    const { size } = settings;
    const shape = [size, size, settings.grayscale ? 1 : 3] as const;
    writer = await StoreWriter.create(outDir, shape, classes.length);
    await writer.requireSpace(plan.train.length + plan.validation.length);
    const refused: RefusedImage[] = [...plan.refused];
    const counts = classes.map((name) => ({ name, train: 0, validation: 0 }));
    const names: string[] = [];
    let done = 0;
    for (const split of ['train', 'validation'] as const) {
      for await (const { image, ...made } of decodeAhead(
        source.tree,
        plan[split],
        settings,
        signal,
      )) {
        if ('why' in made) refused.push({ path: image.file, reason: made.why });
        else {
          await writer.add(split, made.pixels, image.label);
          names.push(JSON.stringify([split, image.file]));
          valueAt(counts, image.label)[split] += 1;
        }
        done += 1;
        report?.({ done, total: plan.train.length + plan.validation.length, unit: 'images' });
      }
    }
    throwIfCancelled(signal);
    refused.sort((a, b) => byCodePoint(a.path, b.path));
    if (request.strict && refused.length > 0) throw strictly(refused);
    requireEach(counts, refused, source.name);
    const files = await writer.finish((written) => idOf(plan, settings, written), {
      classes: classes.map((name) => ({ id: name, name })),
      complete: true,
      source: { ...(await aboutSource(request.path, source)), md5: null },
    });
    const dataset = idOf(plan, settings, files.slice(1));
    const imported = { dataset, classes: counts, refused, notes: [...plan.notes] };
    await writeFile(path.join(outDir, importedImagesFile), JSON.stringify(imported));
    await writeFile(path.join(outDir, imageNamesFile), `${names.join('\n')}\n`);
    return { ...imported, files };
  } catch (error) {
    await writer?.discard();
    await rm(path.join(outDir, importedImagesFile), { force: true });
    await rm(path.join(outDir, imageNamesFile), { force: true });
    throw error;
  } finally {
    await source.tree.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * What a dataset of one's own is called by its content: its pixels, labels, split and fit, whatever its
 * name and whatever it was packed in.
 */
function idOf(
  { classes }: Pick<ImagePlan, 'classes'>,
  { size, fit, grayscale }: OwnImages,
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

function strictly(refused: readonly RefusedImage[]): StudioError {
  const some = refused.slice(0, told).map(({ path: file, reason }) => `${file}: ${reason}`);
  const more = refused.length - some.length;
  const rest = more > 0 ? `; and ${more.toLocaleString('en')} more` : '';
  const files = refused.length === 1 ? '1 file is' : `${refused.length} files are`;
  return new StudioError({
    code: 'corrupt-file',
    message: `${files} refused, so nothing was imported: ${some.join('; ')}${rest}.`,
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
