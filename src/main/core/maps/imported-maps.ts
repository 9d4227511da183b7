import { dtypeOf, type NdArray } from '../../../shared/arrays';
import { type Split } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { valueAt } from '../../../shared/checked-reads';
import { conflict, StudioError } from '../../../shared/errors';
import { formatCount } from '../../../shared/format/counts';
import {
  type IndexRanges,
  inBoth,
  indicesIn,
  isIn,
  placesIn,
  rangesOf,
  rangesText,
} from '../../../shared/index-ranges';
import { npyHead, npyValues } from '../../../shared/npy';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { concatenateFloats, readFloatRows } from '../artifacts/arrays';
import { type ImagesKey } from '../artifacts/keys';
import { sameDataset } from '../datasets/same-dataset';
import { type ImportedImages, type ImportedRepository } from './imported-repository';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly imported: ImportedRepository;
}

type Named = Pick<Method, 'id' | 'name'>;

/** Maps that were made elsewhere, for whoever wants a method's maps of some images. */
export class ImportedMaps {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The images of a split that a method has maps of. */
  covered({ id }: Pick<Method, 'id'>, split: Split): IndexRanges {
    return this.#parts.imported.images(id, split)?.images ?? [];
  }

  /** The images that all of some methods have maps of; null: all, as none was made elsewhere. */
  coveredByAll(methods: readonly Method[], split: Split): IndexRanges | null {
    return methods
      .filter(({ imported }) => imported !== undefined)
      .reduce<IndexRanges | null>((all, method) => {
        const own = this.covered(method, split);
        return all === null ? own : inBoth(all, own);
      }, null);
  }

  /**
   * Maps of some images, float32 [N, H, W, C], C 1 where the file had one value a pixel.
   *
   * @throws StudioError `conflict` naming the method, for an image that it does not cover, for another
   *   content of the dataset and for maps that were lost
   */
  async read(method: Named, images: ImagesKey): Promise<NdArray<Float32Array>> {
    const pieces: NdArray<Float32Array>[] = [];
    for await (const piece of this.pieces(method, images)) pieces.push(piece);
    return pieces.length === 0 ? nothing : concatenateFloats(pieces);
  }

  /** The same in their order a few at a time, so that memory does not grow with how many there are. */
  async *pieces(
    method: Named,
    { dataset, split, indices }: ImagesKey,
  ): AsyncGenerator<NdArray<Float32Array>, void> {
    this.requireSame(method, dataset);
    const stored = this.#parts.imported.images(method.id, split);
    const placeOf = placesIn(stored?.images ?? []);
    const places = indices.map((image) => {
      const place = placeOf(image);
      if (place === null) throw lacks(method, split, image, stored);
      return place;
    });
    if (!stored) return;
    const { block } = stored;
    for (let at = 0; at < places.length;) {
      const first = valueAt(places, at);
      const number = Math.floor(first / block);
      let to = at + 1;
      // Neighbours of one file are read together.
      while (
        to < places.length &&
        places[to] === first + to - at &&
        Math.floor((first + to - at) / block) === number
      ) {
        to += 1;
      }
      const from = first - number * block;
      yield await this.#rows(method, split, number, from, from + to - at);
      at = to;
    }
  }

  /** Store them as a run's or study's own maps are stored, under their key. */
  async put(method: Named, images: ImagesKey, key: string, signal?: AbortSignal): Promise<void> {
    const { artifacts } = this.#parts;
    if (await artifacts.has(key)) return;
    const bytes = npyPieces(images.indices.length, this.pieces(method, images), signal);
    await artifacts.put({ bytes, kind: 'map', key });
  }

  /**
   * Refuses maps of images that were lost or damaged, naming the images, before anything long is begun.
   *
   * @param depth whether their files are there, or read through, too
   */
  async requireWhole(
    method: Named,
    split: Split,
    indices: readonly number[],
    depth: 'there' | 'read',
  ): Promise<void> {
    const stored = this.#parts.imported.split(method.id, split);
    if (!stored) return;
    const placeOf = placesIn(stored.images);
    const wanted = new Set(
      indices.flatMap((image) => {
        const place = placeOf(image);
        return place === null ? [] : [Math.floor(place / stored.block)];
      }),
    );
    const lost: number[] = [];
    for (const block of [...wanted].sort((a, b) => a - b)) {
      if (!(await this.#isWhole(stored.artifacts[block] ?? null, depth))) lost.push(block);
    }
    if (lost.length === 0) return;
    const all = indicesIn(stored.images);
    const images = lost.flatMap((block) =>
      all.slice(block * stored.block, (block + 1) * stored.block),
    );
    throw lostMaps(method, `of ${split} images ${rangesText(rangesOf(images))} `);
  }

  async #isWhole(key: string | null, depth: 'there' | 'read'): Promise<boolean> {
    const { artifacts } = this.#parts;
    if (key === null || !(await artifacts.has(key))) return false;
    if (depth === 'there') return true;
    try {
      await artifacts.open(key);
      return true;
    } catch (error) {
      if (error instanceof StudioError) return false;
      throw error;
    }
  }

  /** Refuses another content of the dataset than the one whose images the maps follow. */
  requireSame({ id, name }: Named, now: ImagesKey['dataset']): void {
    const about = this.#parts.imported.get(id);
    if (about && sameDataset({ dataset: about.dataset, files: about.files }, now)) return;
    throw conflict(
      `The maps of ${name} follow the images of another dataset, or of another content of it than what is installed now: import them again for this one.`,
    );
  }

  async #rows(
    method: Named,
    split: Split,
    block: number,
    from: number,
    to: number,
  ): Promise<NdArray<Float32Array>> {
    const { artifacts, imported } = this.#parts;
    const key = imported.artifact(method.id, split, block);
    if (key === null) throw lostMaps(method);
    try {
      return await readFloatRows(await artifacts.open(key), 'maps.npy', from, to);
    } catch (error) {
      throw error instanceof StudioError ? lostMaps(method, '', error) : error;
    }
  }
}

const nothing: NdArray<Float32Array> = { shape: [0, 0, 0, 1], data: new Float32Array(0) };

/** Pieces of an array of so many rows as the pieces of its file. */
export async function* npyPieces(
  rows: number,
  pieces: AsyncIterable<NdArray>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  let begun = false;
  for await (const { shape, data } of pieces) {
    signal?.throwIfAborted();
    if (!begun) yield npyHead(dtypeOf(data), [rows, ...shape.slice(1)]);
    begun = true;
    yield npyValues(data);
  }
  if (!begun) yield npyHead('float32', nothing.shape);
}

function lostMaps({ name }: Named, which = '', cause?: unknown): StudioError {
  return new StudioError(
    {
      code: 'conflict',
      message: `Maps of ${name} ${which}were lost or damaged on the disk: import its file again, under any name.`,
    },
    cause,
  );
}

/** Whether a method has a map of an image. */
export const covers = (ranges: IndexRanges | null, image: number): boolean =>
  ranges === null || isIn(ranges, image);

function lacks(
  { name }: Named,
  split: Split,
  image: number,
  stored: ImportedImages | undefined,
): StudioError {
  const there = stored ? `those of ${rangesText(stored.images)}` : 'none of this split';
  return conflict(
    `${name} has no map of ${split} image ${formatCount(image)}: its maps were made elsewhere, and ${there} are here.`,
  );
}
