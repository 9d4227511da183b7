import { type NdArray } from '../../../shared/arrays';
import { type Split } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { type MapParameters } from '../../../shared/catalogue/parameters';
import { type EngineProgress } from '../../../shared/engine';
import { StudioError } from '../../../shared/errors';
import { decodeNpy, encodeNpy } from '../../../shared/npy';
import { asFloats, rowOf } from '../artifacts/arrays';
import { type ArtifactStore } from '../artifacts/artifact-store';
import {
  type DatasetKey,
  type EngineKey,
  type ImagesKey,
  type KeyedModel,
  mapKey,
} from '../artifacts/keys';
import { type EngineRequests } from '../jobs/engine-requests';
import { stored } from '../jobs/item-spec';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type ExploreCacheRepository } from './explore-cache';
import { covers, type ImportedMaps } from './imported-maps';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly database: Database;
  readonly exploreCache: ExploreCacheRepository;
  readonly importedMaps: ImportedMaps;
  readonly operators: OperatorCatalogue;
  readonly requests: EngineRequests;
}

/** What maps are made from, but for the method and the image. */
export interface MapSource {
  readonly dataset: DatasetKey;
  readonly split: Split;
  readonly model: KeyedModel & { readonly artifact: string };
  readonly parameters: MapParameters;
  readonly seed: number;
  readonly engine: EngineKey;
}

/** A map, float32 [H, W, C]. */
export type ImageMap = NdArray<Float32Array>;

/** Bytes of maps that are kept; those not used for longest go first. */
const keptBytes = 256 * 2 ** 20;

/** Maps of single images, made on request and kept for the next one where anything can be written. */
export class ImageMaps {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A kept map, or one that was made elsewhere; null where there is none, or where its file was damaged, which forgets it. */
  async kept(source: MapSource, method: Method, image: number): Promise<ImageMap | null> {
    const { artifacts, importedMaps } = this.#parts;
    if (method.imported) {
      if (!covers(importedMaps.covered(method, source.split), image)) return null;
      return rowOf(await importedMaps.read(method, imagesOf(source, [image])), 0);
    }
    const key = this.#key(source, method, image);
    if (!(await artifacts.has(key))) return null;
    try {
      const map = asFloats(decodeNpy(await artifacts.read(key), 'map.npy'), 'map.npy');
      this.#touch(key);
      return map;
    } catch (error) {
      if (error instanceof StudioError && ['corrupt-file', 'not-found'].includes(error.code)) {
        return null;
      }
      throw error;
    }
  }

  /**
   * Maps in the order of the images, between the batches of whatever else runs. Throws `conflict` for an
   * image that a method made elsewhere lacks.
   */
  async make(
    source: MapSource,
    method: Method,
    images: readonly number[],
    options: {
      readonly signal?: AbortSignal;
      readonly report?: (progress: EngineProgress) => void;
    } = {},
  ): Promise<ImageMap[]> {
    const { dataset, split, model, parameters, seed } = source;
    const { composition } = method;
    if (method.imported) {
      const maps = await this.#parts.importedMaps.read(method, imagesOf(source, images));
      return images.map((_, i) => rowOf(maps, i));
    }
    const [file] = await this.#parts.requests.arrays(
      'maps',
      {
        dataset: dataset.dataset,
        split,
        indices: [...images],
        model: stored(model.artifact),
        composition,
        parameters,
        seed,
      },
      ['map.npy'],
      { lane: 'interactive', ...options },
    );
    const maps = asFloats(file, 'map.npy');
    const made: ImageMap[] = [];
    for (const [i, image] of images.entries()) {
      const map = rowOf(maps, i);
      await this.#keep(this.#key(source, method, image), map);
      made.push(map);
    }
    return made;
  }

  /** Let go of what is too much. */
  trim(): void {
    const { database, exploreCache } = this.#parts;
    if (!database.readonly) database.transaction(() => exploreCache.trim(keptBytes));
  }

  #key(source: MapSource, { composition }: Method, image: number): string {
    const { dataset, split, parameters, seed, model, engine } = source;
    const images = { dataset, split, indices: [image] };
    const { operators } = this.#parts;
    return mapKey(operators, images, composition, parameters, seed, model, engine);
  }

  async #keep(key: string, map: ImageMap): Promise<void> {
    const { artifacts, database } = this.#parts;
    if (database.readonly) return;
    await artifacts.put({ bytes: encodeNpy(map), kind: 'map', key });
    this.#touch(key);
  }

  #touch(key: string): void {
    const { database, exploreCache } = this.#parts;
    if (!database.readonly) exploreCache.touch(key, now(this.#parts));
  }
}

const imagesOf = (
  { dataset, split }: Pick<MapSource, 'dataset' | 'split'>,
  indices: readonly number[],
): ImagesKey => ({ dataset, split, indices });
