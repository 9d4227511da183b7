import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Split } from '../../shared/catalogue/datasets';
import { valueAt } from '../../shared/checked-reads';
import { reasonOf, StudioError } from '../../shared/errors';
import {
  labelBytes,
  type StoredDataset,
  storedDatasetFile,
  storedDatasetSchema,
  storedFiles,
} from '../../shared/stored-dataset';
import { throwIfCancelled } from '../runtime/cancel';
import type { Dataset, SplitData } from './dataset';
import { DiskImages } from './image-store';
import type { DatasetPlace } from './read';

/**
 * Open a dataset that an import has written: its list and its labels are read and checked, its
 * images stay on disk and only their files' sizes are looked at (`verifyStored` reads them).
 *
 * @throws StudioError `dataset-missing` where the folder holds no dataset, `corrupt-file` where a
 *   file is not what the list says
 */
export async function readStored(place: DatasetPlace): Promise<Dataset> {
  const { datasetDir: directory } = place;
  const stored = await readList(place);
  const imageBytes = stored.shape[0] * stored.shape[1] * stored.shape[2];
  const split = async (name: Split): Promise<SplitData> => {
    const count = stored[name];
    const { images, labels } = storedFiles[name];
    await requireSize(directory, images, count * imageBytes);
    const bytes = labelBytes(stored.classes.length);
    await requireSize(directory, labels, count * bytes);
    const values = await readFile(path.join(directory, labels));
    requireHash(stored, labels, createHash('sha256').update(values).digest('hex'));
    const classes = bytes === 1 ? new Uint8Array(values) : shortsOf(values);
    const stray = classes.findIndex((label) => label >= stored.classes.length);
    if (stray >= 0) {
      throw damaged(labels, `label ${stray} is ${valueAt(classes, stray)}, not a class`);
    }
    const store = new DiskImages(path.join(directory, images), count, imageBytes);
    return { images: store, labels: classes, count };
  };
  const train = await split('train');
  const validation = await split('validation');
  const { published } = stored.source;
  return {
    shape: stored.shape,
    classes: stored.classes.map(({ name }) => name),
    train,
    validation,
    files: stored.files.map((file) => ({ ...file, published })),
  };
}

/**
 * Read all files of a stored dataset and compare their sha256 with the list.
 *
 * @param report bytes read, of how many
 * @throws StudioError `corrupt-file` naming the file that differs; `cancelled`
 */
export async function verifyStored(
  place: DatasetPlace,
  options: { signal?: AbortSignal; report?: (done: number, total: number) => void } = {},
): Promise<void> {
  const { datasetDir: directory } = place;
  const stored = await readList(place);
  const total = stored.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const { name, bytes } of stored.files) {
    await requireSize(directory, name, bytes);
    const hash = createHash('sha256');
    const stream = createReadStream(path.join(directory, name), { highWaterMark: 2 ** 20 });
    try {
      for await (const chunk of stream) {
        throwIfCancelled(options.signal);
        hash.update(chunk as Buffer);
        done += (chunk as Buffer).length;
        options.report?.(done, total);
      }
    } catch (error) {
      if (error instanceof StudioError) throw error;
      throw damaged(name, reasonOf(error), error);
    }
    requireHash(stored, name, hash.digest('hex'));
  }
}

async function readList({ dataset: id, datasetDir }: DatasetPlace): Promise<StoredDataset> {
  let text: string;
  try {
    text = await readFile(path.join(datasetDir, storedDatasetFile), 'utf8');
  } catch (error) {
    throw new StudioError(
      {
        code: 'dataset-missing',
        message: `The dataset ${id} is not installed. Install or import it in the Datasets view.`,
        details: { dataset: id, directory: datasetDir },
      },
      error,
    );
  }
  let stored: StoredDataset;
  try {
    stored = storedDatasetSchema.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(storedDatasetFile, reasonOf(error), error);
  }
  if (stored.dataset !== id) {
    throw damaged(storedDatasetFile, `it lists ${stored.dataset}, not ${id}`);
  }
  return stored;
}

async function requireSize(directory: string, name: string, bytes: number): Promise<void> {
  const found = await stat(path.join(directory, name)).catch((error: unknown) => {
    throw damaged(name, reasonOf(error), error);
  });
  if (found.size !== bytes) throw damaged(name, `it has ${found.size} bytes, not ${bytes}`);
}

function requireHash({ files }: StoredDataset, name: string, sha256: string): void {
  const listed = files.find((file) => file.name === name);
  if (listed?.sha256 === sha256) return;
  throw damaged(name, `its SHA-256 is not the one in ${storedDatasetFile}`);
}

function damaged(file: string, why: string, cause?: unknown): StudioError {
  return new StudioError(
    {
      code: 'corrupt-file',
      message: `${file} is damaged: ${why}. Install the dataset again.`,
      details: { file },
    },
    cause,
  );
}

/** Little-endian, whatever the machine. */
function shortsOf(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.byteLength / 2 }, (_, i) => view.getUint16(2 * i, true));
}
