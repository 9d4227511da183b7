import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Split } from '../../../shared/catalogue/datasets';
import { valueAt } from '../../../shared/checked-reads';
import { breathe } from '../../runtime/cancel';
import { type FileTree, join, tooLarge } from '../file-tree';
import { type DiskImages } from '../image-store';
import { refusal, refusing } from '../refusal';
import { type Found, type FoundImage } from './found';
import { maxImages } from './limits';
import { type Pixels } from './pixels';
import { release } from './release';

/** Images of one split, many in one file. */
export interface PackedPart {
  /** By its path in the tree. */
  readonly file: string;
  readonly split: Split;
  /** Of each image its class, by the number that it has among `classes`. */
  readonly labels: ArrayLike<number>;
  /** As they are stored. */
  readonly images: DiskImages;
  /** An image of what is stored of it. */
  readonly pixels: (stored: Uint8Array) => Pixels;
}

/** Images that lie many to a file, all of one size. */
export interface PackedImages {
  /** In the order of the distribution's labels. */
  readonly classes: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly parts: readonly PackedPart[];
  /** Sentences on how they were read. */
  readonly notes: readonly string[];
}

export interface PackedRequest {
  readonly tree: FileTree;
  /** The folder of the tree that the files lie in. */
  readonly folder: string;
  /** The one of several sets that is meant, by the name of a file of it. */
  readonly only: string | null;
  /** What the person named. */
  readonly path: string;
  /** Whether its coarse classes are meant, of a form that has them. */
  readonly coarse: boolean;
  /** A folder for what is unpacked. */
  readonly scratch: string;
  readonly signal: AbortSignal | undefined;
}

/** A way in which distributions pack many images into one file. */
export interface PackedForm {
  /** What it is, for refusals. */
  readonly words: string;
  /** Whether a folder holds it, by the names of its files. */
  readonly isIn: (files: readonly string[]) => boolean;
  /** Whether some of it has coarse classes beside the others. */
  readonly hasCoarse: boolean;
  /** @throws StudioError `corrupt-file` naming the file that is missing or damaged; `cancelled` */
  readonly open: (request: PackedRequest) => Promise<PackedImages>;
}

/** What is planned of them. */
export function foundIn({ classes, parts, notes }: PackedImages): Found {
  const images: FoundImage[] = [];
  for (const { file, split, labels } of parts) {
    if (images.length + labels.length > maxImages) {
      throw refusal(file, `with it there are over ${maxImages.toLocaleString('en')} images`);
    }
    for (let index = 0; index < labels.length; index += 1) {
      const className = valueAt(classes, valueAt(labels, index));
      images.push({ file, index, className, split });
    }
  }
  return { images, classes, refused: [], notes };
}

/** Image number `index` of a file. */
export function packedPixels({ parts }: PackedImages, file: string, index: number): Pixels {
  const part = parts.find((each) => each.file === file);
  if (!part) throw new RangeError(`no images in ${file}`);
  const stored = new Uint8Array(part.images.imageBytes);
  part.images.read(index, stored, 0);
  return part.pixels(stored);
}

export function closePacked(packed: PackedImages | null): void {
  for (const { images } of packed?.parts ?? []) images.close();
}

/** Bytes of a file as it is packed, and unpacked: a million images of 28 x 28 have fewer. */
const maxStored = 900 * 2 ** 20;

/** A file in a scratch folder, unpacked where it is gzipped by how it begins, so that it is read piece by piece. */
export async function unpackedFile(
  { tree, folder, scratch, signal }: PackedRequest,
  name: string,
): Promise<{ readonly place: string; readonly bytes: number }> {
  const file = join(folder, name);
  const content = await tree.read(file, maxStored);
  const place = path.join(scratch, `packed-${name}`);
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      done(bytes > maxStored ? tooLarge(file, maxStored) : null, chunk);
    },
  });
  const target = createWriteStream(place);
  const source = Readable.from(pieces(content, signal));
  await refusing(file, 'it cannot be unpacked', () =>
    content[0] === 0x1f && content[1] === 0x8b
      ? pipeline(source, createGunzip(), counted, target)
      : pipeline(source, counted, target),
  );
  release(content);
  return { place, bytes };
}

async function* pieces(bytes: Uint8Array, signal: AbortSignal | undefined) {
  const size = 2 ** 20;
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
    await breathe(signal);
  }
}
