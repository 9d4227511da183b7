import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { Split } from '../../shared/catalogue/datasets';
import {
  labelBytes,
  type StoredDataset,
  storedDatasetFile,
  storedFiles,
} from '../../shared/stored-dataset';
import { requireFree } from './free-space';

/** Bytes of images gathered before they are written. */
const chunkBytes = 2 ** 20;

export interface WrittenFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What an import knows of what it wrote. */
export type StoreContent = Pick<StoredDataset, 'classes' | 'complete'>;

/** One file, written from its beginning to its end, and hashed meanwhile. */
class HashedFile {
  readonly name: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;

  private constructor(name: string, handle: FileHandle) {
    this.name = name;
    this.#handle = handle;
  }

  static async create(folder: string, name: string): Promise<HashedFile> {
    return new HashedFile(name, await open(path.join(folder, name), 'w'));
  }

  /** Go on behind what was written of it; null: that is not what is there. */
  static async reopen(folder: string, { name, bytes, sha256 }: WrittenFile) {
    const place = path.join(folder, name);
    const size = await stat(place).then(
      (found) => found.size,
      () => -1,
    );
    if (size < bytes) return null;
    // What came later was never told of.
    await truncate(place, bytes);
    const file = new HashedFile(name, await open(place, 'a'));
    for await (const chunk of createReadStream(place, { highWaterMark: 2 ** 20 })) {
      file.#hash.update(chunk as Buffer);
    }
    file.#bytes = bytes;
    if (file.written().sha256 === sha256) return file;
    await file.abandon();
    return null;
  }

  /** What is in it by now. */
  written(): WrittenFile {
    return { name: this.name, bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await this.#handle.writeFile(bytes);
    this.#bytes += bytes.length;
  }

  /** On the disk, not only in its cache. */
  async finish(): Promise<WrittenFile> {
    await this.#handle.sync();
    await this.#handle.close();
    return this.written();
  }

  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }
}

class SplitWriter {
  readonly #images: HashedFile;
  readonly #labels: HashedFile;
  readonly #chunk: Uint8Array;
  readonly #labelBytes: 1 | 2;
  #filled = 0;
  #pendingLabels: number[] = [];
  count: number;

  /** @param count images that are in the files already */
  constructor(
    images: HashedFile,
    labels: HashedFile,
    imageBytes: number,
    bytesOfLabel: 1 | 2,
    count = 0,
  ) {
    this.count = count;
    this.#labelBytes = bytesOfLabel;
    this.#images = images;
    this.#labels = labels;
    this.#chunk = new Uint8Array(Math.max(1, Math.floor(chunkBytes / imageBytes)) * imageBytes);
  }

  async add(image: Uint8Array, label: number): Promise<void> {
    this.#chunk.set(image, this.#filled);
    this.#filled += image.length;
    this.#pendingLabels.push(label);
    this.count += 1;
    if (this.#filled + image.length > this.#chunk.length) await this.#flush();
  }

  /** All of it is in its files. */
  async settle(): Promise<WrittenFile[]> {
    await this.#flush();
    return [this.#images.written(), this.#labels.written()];
  }

  async finish(): Promise<WrittenFile[]> {
    await this.#flush();
    return [await this.#images.finish(), await this.#labels.finish()];
  }

  async abandon(): Promise<void> {
    await this.#images.abandon();
    await this.#labels.abandon();
  }

  async #flush(): Promise<void> {
    const labels = encodeLabels(this.#pendingLabels, this.#labelBytes);
    this.#pendingLabels = [];
    const images = this.#chunk.subarray(0, this.#filled);
    this.#filled = 0;
    await this.#images.write(images);
    await this.#labels.write(labels);
  }
}

/** Little-endian, whatever the machine. */
function encodeLabels(labels: readonly number[], bytes: 1 | 2): Uint8Array {
  const encoded = new Uint8Array(labels.length * bytes);
  const view = new DataView(encoded.buffer);
  labels.forEach((label, i) =>
    bytes === 1 ? view.setUint8(i, label) : view.setUint16(2 * i, label, true),
  );
  return encoded;
}

/**
 * Writes a dataset in the form that training streams from. `dataset.json` comes last, under its own
 * name only when it is whole; `discard` takes back everything that was written.
 */
export class StoreWriter {
  readonly #folder: string;
  readonly #shape: readonly [number, number, number];
  readonly #splits: Readonly<Record<Split, SplitWriter>>;

  private constructor(
    folder: string,
    shape: readonly [number, number, number],
    splits: Readonly<Record<Split, SplitWriter>>,
  ) {
    this.#folder = folder;
    this.#shape = shape;
    this.#splits = splits;
  }

  /**
   * @param shape height, width, channels of every image
   * @param classes at most so many
   */
  static async create(
    folder: string,
    shape: readonly [number, number, number],
    classes: number,
  ): Promise<StoreWriter> {
    await mkdir(folder, { recursive: true });
    const split = async ({ images, labels }: { images: string; labels: string }) =>
      new SplitWriter(
        await HashedFile.create(folder, images),
        await HashedFile.create(folder, labels),
        shape[0] * shape[1] * shape[2],
        labelBytes(classes),
      );
    const train = await split(storedFiles.train);
    return new StoreWriter(folder, shape, {
      train,
      validation: await split(storedFiles.validation),
    });
  }

  /**
   * Go on behind what `settle` told of in a folder.
   *
   * @returns null where that is not there any more, byte by byte
   */
  static async reopen(
    folder: string,
    shape: readonly [number, number, number],
    classes: number,
    files: readonly WrittenFile[],
  ): Promise<StoreWriter | null> {
    const imageBytes = shape[0] * shape[1] * shape[2];
    const opened: HashedFile[] = [];
    const file = async (name: string) => {
      const told = files.find((each) => each.name === name);
      const found = told ? await HashedFile.reopen(folder, told) : null;
      if (found) opened.push(found);
      return found;
    };
    const split = async ({ images, labels }: { images: string; labels: string }) => {
      const [pixels, numbers] = [await file(images), await file(labels)];
      if (!pixels || !numbers) return null;
      const count = pixels.written().bytes / imageBytes;
      return new SplitWriter(pixels, numbers, imageBytes, labelBytes(classes), count);
    };
    const train = await split(storedFiles.train);
    const validation = train && (await split(storedFiles.validation));
    if (train && validation) return new StoreWriter(folder, shape, { train, validation });
    for (const each of opened) await each.abandon();
    return null;
  }

  /**
   * Look for room for so many images before the first is written.
   *
   * @throws StudioError `disk-full`
   */
  async requireSpace(images: number): Promise<void> {
    const [height, width, channels] = this.#shape;
    await requireFree(this.#folder, images * (height * width * channels + 1), 'The dataset');
  }

  /** @param image bytes [H, W, C], copied */
  add(split: Split, image: Uint8Array, label: number): Promise<void> {
    const [height, width, channels] = this.#shape;
    if (image.length !== height * width * channels) {
      throw new RangeError(`an image of ${image.length} bytes, not ${height * width * channels}`);
    }
    return this.#splits[split].add(image, label);
  }

  count(split: Split): number {
    return this.#splits[split].count;
  }

  /** What is in its files by now, each with the hash of that. */
  async settle(): Promise<WrittenFile[]> {
    const { train, validation } = this.#splits;
    return [...(await train.settle()), ...(await validation.settle())];
  }

  /** Close the files and leave them as they are. */
  async abandon(): Promise<void> {
    for (const split of Object.values(this.#splits)) await split.abandon();
  }

  /** @param dataset the id that it is marked with, which may follow from what was written */
  async finish(
    dataset: string | ((files: readonly WrittenFile[]) => string),
    about: StoreContent & Pick<StoredDataset, 'source'>,
  ): Promise<WrittenFile[]> {
    const { train, validation } = this.#splits;
    const files = [...(await train.finish()), ...(await validation.finish())];
    const stored: StoredDataset = {
      format: 1,
      dataset: typeof dataset === 'string' ? dataset : dataset(files),
      shape: [...this.#shape],
      classes: about.classes,
      train: train.count,
      validation: validation.count,
      complete: about.complete,
      files,
      source: about.source,
    };
    const bytes = Buffer.from(`${JSON.stringify(stored, null, 2)}\n`);
    const target = path.join(this.#folder, storedDatasetFile);
    await writeFile(`${target}.part`, bytes, { flush: true });
    await rename(`${target}.part`, target);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return [{ name: storedDatasetFile, bytes: bytes.length, sha256 }, ...files];
  }

  /** Close and delete the files, whatever state they are in. */
  async discard(): Promise<void> {
    await this.abandon();
    await discardStore(this.#folder);
  }
}

/** Delete what a writer put into a folder. */
export async function discardStore(folder: string): Promise<void> {
  const { train, validation } = storedFiles;
  const names = [train.images, train.labels, validation.images, validation.labels];
  for (const name of [storedDatasetFile, `${storedDatasetFile}.part`, ...names]) {
    await rm(path.join(folder, name), { force: true });
  }
}
