import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { type Split } from '../../shared/catalogue/datasets';
import { valueAt } from '../../shared/checked-reads';
import {
  datasetListFile,
  type DatasetManifest,
  datasetManifestFile,
} from '../../shared/dataset-archive';
import { unpackMask } from '../../shared/dataset-masks';
import { StudioError } from '../../shared/errors';
import { breathe, throwIfCancelled } from '../runtime/cancel';
import { classFolderNames } from './class-folder-names';
import { type Dataset } from './dataset';
import { imageRange } from './image-store';
import { type MaskIndex, maskIndex, masksOf } from './masks/mask-store';
import { encodePng } from './png';
import { type WrittenFile } from './store-writer';

export interface ExportRequest {
  readonly dataset: Dataset;
  /** The dataset's own folder, where the masks of its images may lie. */
  readonly datasetDir: string;
  /** What the manifest says beside what the dataset does. */
  readonly about: Pick<DatasetManifest, 'name' | 'licence' | 'citation' | 'images'>;
  /** A folder that is there. */
  readonly outDir: string;
  /** The archive's name in it. */
  readonly file: string;
  readonly signal?: AbortSignal | undefined;
  readonly report?: (progress: { readonly done: number; readonly total: number }) => void;
}

const splits = ['train', 'validation'] as const satisfies readonly Split[];

/**
 * Write a dataset as a ZIP of PNG images in `train/CLASS` and `validation/CLASS`, with a list of them in
 * their order and a manifest; masks of the object lie in `masks`, as the images do. An import of it is the same
 * dataset: the same pixels, order, classes and masks.
 * Equal datasets give equal bytes. Memory does not grow with the pixels; when it fails or is
 * cancelled, nothing of it stays.
 *
 * @throws StudioError `disk-full`; `corrupt-file` where the dataset cannot be read; `cancelled`
 */
export async function exportDataset(request: ExportRequest): Promise<WrittenFile> {
  const { dataset, outDir, file } = request;
  await requireSpace(dataset, outDir);
  const target = path.join(outDir, file);
  const hash = createHash('sha256');
  let bytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const broken = new AbortController();
  const zip = new ZipFile();
  // What goes wrong with an image ends the writing, which would wait for it.
  zip.on('error', (error: unknown) => broken.abort(error));
  try {
    addEntries(zip, request, await maskIndex(request.datasetDir));
    const signals = [broken.signal, ...(request.signal ? [request.signal] : [])];
    await pipeline(zip.outputStream as Readable, counting, createWriteStream(target), {
      signal: AbortSignal.any(signals),
    });
    return { name: file, bytes, sha256: hash.digest('hex') };
  } catch (error) {
    await rm(target, { force: true });
    throwIfCancelled(request.signal);
    throw broken.signal.aborted ? broken.signal.reason : error;
  }
}

function addEntries(
  zip: ZipFile,
  { dataset, datasetDir, about, report, signal }: ExportRequest,
  masks: MaskIndex | null,
): void {
  const classes = distinct(dataset.classes);
  const folders = classFolderNames(classes);
  const { shape, train, validation } = dataset;
  const counts = { train: train.count, validation: validation.count };
  const manifest: DatasetManifest = {
    format: 'saliency-studio/dataset/1',
    ...about,
    shape: [...shape],
    classes,
    ...counts,
  };
  // The first day of ZIP's own calendar, in local time as ZIP has it.
  const options = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true };
  zip.addBuffer(
    Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
    datasetManifestFile,
    options,
  );
  const masked = (split: Split) => new Set(masks?.images[split]);
  const hasMask = { train: masked('train'), validation: masked('validation') };
  const listed = [masks ? 'path,label,split,mask' : 'path,label,split'];
  const images = splits.flatMap((split) =>
    Array.from({ length: counts[split] }, (_, index) => {
      const label = valueAt(dataset[split].labels, index);
      const digits = String(Math.max(0, counts[split] - 1)).length;
      const name = `${String(index).padStart(digits, '0')}.png`;
      const place = `${split}/${valueAt(folders, label)}/${name}`;
      const mask = hasMask[split].has(index) ? `masks/${place}` : null;
      const cells = [place, valueAt(classes, label), split, ...(masks ? [mask ?? ''] : [])];
      listed.push(cells.map(cell).join(','));
      return { split, index, place, mask };
    }),
  );
  zip.addBuffer(Buffer.from(`${listed.join('\n')}\n`), datasetListFile, options);
  const encoded = encodedAhead(dataset, images);
  let done = 0;
  for (const { place } of images) {
    zip.addReadStreamLazy(place, { ...options, compress: false }, (give) => {
      encoded()
        .then(async (png) => {
          done += 1;
          if (done % 16 === 0) await breathe(signal);
          report?.({ done, total: images.length });
          give(null, Readable.from([png]));
        })
        .catch((error: unknown) => give(error, Readable.from([])));
    });
  }
  for (const { split, index, mask } of images) {
    if (mask === null || masks === null) continue;
    zip.addReadStreamLazy(mask, { ...options, compress: false }, (give) => {
      maskPng(datasetDir, masks, { split, index })
        .then((png) => give(null, Readable.from([png])))
        .catch((error: unknown) => give(error, Readable.from([])));
    });
  }
  zip.end();
}

/** A mask as it is drawn: white on black. */
async function maskPng(
  folder: string,
  masks: MaskIndex,
  { split, index }: { readonly split: Split; readonly index: number },
): Promise<Buffer> {
  const [height, width] = masks.shape;
  const [bits] = await masksOf(folder, split, [index], masks);
  if (!bits) throw new RangeError(`image ${index} has no mask`);
  const inside = unpackMask(bits, height * width);
  return encodePng(
    inside.map((value) => 255 * value),
    [height, width, 1],
  );
}

/** The next image as PNG, each in its turn; those that follow are made meanwhile, in other threads. */
function encodedAhead(
  dataset: Dataset,
  images: readonly { readonly split: Split; readonly index: number }[],
): () => Promise<Buffer> {
  const ahead = Math.max(4, 2 * availableParallelism());
  const made: Promise<Buffer>[] = [];
  let started = 0;
  const start = async ({ split, index }: (typeof images)[number]) =>
    encodePng(imageRange(dataset[split].images, index, index + 1), dataset.shape);
  return () => {
    while (started < images.length && made.length < ahead) {
      const png = start(valueAt(images, started));
      // Awaited in turn; until then its failure is not yet anyone's.
      png.catch(() => undefined);
      made.push(png);
      started += 1;
    }
    return made.shift() ?? Promise.reject(new RangeError('no image is left'));
  };
}

/** Names of classes as a list tells them apart: distributions have some twice. */
function distinct(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((name) => {
    let unlike = name;
    for (let number = 2; seen.has(unlike); number += 1) unlike = `${name} (${number})`;
    seen.add(unlike);
    return unlike;
  });
}

/** As RFC 4180 has it. */
const cell = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** PNG is rarely larger than its pixels, and never much. */
async function requireSpace({ shape, train, validation }: Dataset, folder: string): Promise<void> {
  const [height, width, channels] = shape;
  const needed = (train.count + validation.count) * (height * width * channels + 400);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize > needed) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;
  throw new StudioError({
    code: 'disk-full',
    message: `The archive may take ${megabytes(needed)}, and the disk has ${megabytes(bavail * bsize)} left: free some space, then export again.`,
    details: { path: folder },
  });
}
