import { readFile } from 'node:fs/promises';
import { type NdArray } from '../../../shared/arrays';
import { type Split } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { valueAt } from '../../../shared/checked-reads';
import { conflict, StudioError } from '../../../shared/errors';
import { formatCount } from '../../../shared/format/counts';
import { inBoth, type IndexRanges, isIn, placeIn, rangesText } from '../../../shared/index-ranges';
import { decodeNpy, encodeNpy } from '../../../shared/npy';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { asFloats } from '../artifacts/arrays';
import { type ImagesKey } from '../artifacts/keys';
import { sameDataset } from '../datasets/same-dataset';
import { type ImportedRepository, type ImportedSplit } from './imported-repository';

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
    return this.#parts.imported.split(id, split)?.images ?? [];
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
  async read(
    method: Named,
    { dataset, split, indices }: ImagesKey,
  ): Promise<NdArray<Float32Array>> {
    this.requireSame(method, dataset);
    const stored = this.#parts.imported.split(method.id, split);
    const places = indices.map((image) => {
      const place = stored && placeIn(stored.images, image);
      if (place === null || place === undefined) throw lacks(method, split, image, stored);
      return place;
    });
    if (!stored) return { shape: [0, 0, 0, 1], data: new Float32Array(0) };
    const rows = places.map((place, row) => ({ place, row })).sort((a, b) => a.place - b.place);
    let [shape, data]: [readonly number[], Float32Array] = [[], new Float32Array(0)];
    let [opened, maps]: [number | null, NdArray<Float32Array>] = [null, { shape: [], data }];
    for (const { place, row } of rows) {
      const block = Math.floor(place / stored.block);
      if (opened !== block) {
        maps = await this.#block(method, stored, block);
        opened = block;
      }
      const size = maps.data.length / valueAt(maps.shape, 0);
      if (data.length === 0) {
        shape = maps.shape.slice(1);
        data = new Float32Array(size * rows.length);
      }
      const from = (place % stored.block) * size;
      data.set(maps.data.subarray(from, from + size), row * size);
    }
    return { shape: [rows.length, ...shape], data };
  }

  /** Store them as a run's or study's own maps are stored, under their key. */
  async put(method: Named, images: ImagesKey, key: string): Promise<void> {
    const { artifacts } = this.#parts;
    if (await artifacts.has(key)) return;
    await artifacts.put({ bytes: encodeNpy(await this.read(method, images)), kind: 'map', key });
  }

  /** Refuses another content of the dataset than the one whose images the maps follow. */
  requireSame({ id, name }: Named, now: ImagesKey['dataset']): void {
    const about = this.#parts.imported.get(id);
    if (about && sameDataset({ dataset: about.dataset, files: about.files }, now)) return;
    throw conflict(
      `The maps of ${name} follow the images of another dataset, or of another content of it than what is installed now: import them again for this one.`,
    );
  }

  async #block(
    method: Named,
    { artifacts }: ImportedSplit,
    block: number,
  ): Promise<NdArray<Float32Array>> {
    const key = artifacts[block];
    const lost = (cause?: unknown) =>
      new StudioError(
        {
          code: 'conflict',
          message: `Maps of ${method.name} were lost or damaged on the disk: import its file again, under any name.`,
        },
        cause,
      );
    if (key == null) throw lost();
    try {
      const path = await this.#parts.artifacts.open(key);
      return asFloats(decodeNpy(await readFile(path), 'maps.npy'), 'maps.npy');
    } catch (error) {
      throw error instanceof StudioError ? lost(error) : error;
    }
  }
}

/** Whether a method has a map of an image. */
export const covers = (ranges: IndexRanges | null, image: number): boolean =>
  ranges === null || isIn(ranges, image);

function lacks(
  { name }: Named,
  split: Split,
  image: number,
  stored: ImportedSplit | undefined,
): StudioError {
  const there = stored ? `those of ${rangesText(stored.images)}` : 'none of this split';
  return conflict(
    `${name} has no map of ${split} image ${formatCount(image)}: its maps were made elsewhere, and ${there} are here.`,
  );
}
