import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type NdArray, toWire } from '../../../shared/arrays';
import {
  datasetEntry,
  type DatasetId,
  datasets,
  type Split,
} from '../../../shared/catalogue/datasets';
import { type EngineOutput } from '../../../shared/engine';
import { refuse, StudioError, toErrorData } from '../../../shared/errors';
import { decodeNpy } from '../../../shared/npy';
import { type DatasetRecord } from '../../../shared/records';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type DatasetKey } from '../artifacts/keys';
import { type EngineHost } from '../engine/engine-host';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { datasetFolder, datasetSource, isInstalled } from './folders';
import { readOrigin } from './origin';
import { installOf } from './users';

interface Parts {
  readonly dataDir: string;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  readonly jobs: JobsRepository;
  readonly scratch: Scratch;
}

type Summary = EngineOutput<'dataset-summary'>;
type Page = RouteOutput<'datasets.images'>;

/** Pages of sample images kept in memory. */
const keptPages = 24;

/** Datasets as installed: read and checked by the engine process, remembered here. */
export class DatasetsService {
  readonly #parts: Parts;
  readonly #summaries = new Map<DatasetId, Promise<Summary>>();
  readonly #labels = new Map<string, Promise<NdArray>>();
  readonly #pages = new LRUCache<string, Promise<Page>>({ max: keptPages });

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  list(): Promise<DatasetRecord[]> {
    return Promise.all(datasets.map(({ id }) => this.record(id)));
  }

  /** Never rejects: a dataset that cannot be read says why. */
  async record(id: DatasetId): Promise<DatasetRecord> {
    const { name, shape, licence, citation, train, validation } = datasetEntry(id);
    const job = installOf(this.#parts.jobs, id)?.id ?? null;
    const about = {
      ...{ id, name, licence, citation, job },
      shape: [...shape] as [number, number, number],
    };
    try {
      const summary = await this.#summary(id);
      const origin = bundled(id) ? null : await readOrigin(datasetFolder(this.#parts.dataDir, id));
      return { ...about, state: 'installed', reason: null, ...summary, origin };
    } catch (error) {
      const { code, message } = toErrorData(error);
      return {
        ...about,
        state: code === 'dataset-missing' ? 'missing' : 'unreadable',
        reason: message,
        classes: [],
        train,
        validation,
        trainPerClass: [],
        validationPerClass: [],
        files: [],
        bytes: 0,
        origin: null,
      };
    }
  }

  /** Read the files again: the engine compares them with their checksums whenever it is asked. */
  async verify(id: DatasetId): Promise<DatasetRecord> {
    this.forget(id);
    const record = await this.record(id);
    this.#parts.events.emit({ type: 'dataset.changed', dataset: id });
    return record;
  }

  /** The files are others now: drop what was remembered of them. */
  forget(id: DatasetId): void {
    this.#summaries.delete(id);
    this.#labels.clear();
    this.#pages.clear();
  }

  /** The dataset by its content. Throws what keeps it from being read. */
  async key(id: DatasetId): Promise<DatasetKey> {
    const { files } = await this.#summary(id);
    return { dataset: id, files: files.map(({ name, sha256 }) => ({ name, sha256 })) };
  }

  async counts(id: DatasetId): Promise<{ train: number; validation: number; classes: number }> {
    const { train, validation, classes } = await this.#summary(id);
    return { train, validation, classes: classes.length };
  }

  /** The class of every image of a split. */
  async labels(id: DatasetId, split: Split): Promise<ArrayLike<number>> {
    const key = `${id}/${split}`;
    const found = await remember(this.#labels, key, () =>
      this.#parts.scratch(async (outDir) => {
        const input = { ...datasetSource(this.#parts, id), split, outDir };
        await this.#parts.engine.request('dataset-labels', input, { lane: 'interactive' });
        return decodeNpy(await readFile(join(outDir, 'labels.npy')), 'labels.npy');
      }),
    );
    return found.data;
  }

  /** Refuse indices that the split does not have; names the field. */
  async requireIndices(
    id: DatasetId,
    split: Split,
    indices: readonly number[],
    field: string,
  ): Promise<void> {
    const counts = await this.counts(id);
    const size = counts[split];
    indices.forEach((index, i) => {
      if (index >= size) {
        throw refuse(
          `${field}.${i}`,
          index,
          `an image index from 0 to ${size - 1} of the ${split} split`,
        );
      }
    });
  }

  async images(input: RouteParsed<'datasets.images'>): Promise<Page> {
    const { dataset, split, label, offset, limit } = input;
    const key = JSON.stringify([dataset, split, label, offset, limit]);
    return remember(this.#pages, key, () => this.#page(input));
  }

  /** uint8 [N, H, W, C] and the labels of some images. */
  async pixels(
    id: DatasetId,
    split: Split,
    indices: readonly number[],
  ): Promise<{ images: NdArray; labels: number[] }> {
    return this.#parts.scratch(async (outDir) => {
      const input = { ...datasetSource(this.#parts, id), split, indices: [...indices], outDir };
      await this.#parts.engine.request('dataset-images', input, { lane: 'interactive' });
      const read = async (name: string) => decodeNpy(await readFile(join(outDir, name)), name);
      const [images, labels] = [await read('images.npy'), await read('labels.npy')];
      return { images, labels: [...labels.data] };
    });
  }

  async #page(input: RouteParsed<'datasets.images'>): Promise<Page> {
    const { dataset, split, label, offset, limit } = input;
    const { classes } = await this.counts(dataset);
    if (label !== null && label >= classes) {
      throw refuse('label', label, `a class from 0 to ${classes - 1}, or null for all`);
    }
    const all = await this.labels(dataset, split);
    const members: number[] = [];
    for (let i = 0; i < all.length; i += 1) if (label === null || all[i] === label) members.push(i);
    const indices = members.slice(offset, offset + limit);
    const { images, labels } = await this.pixels(dataset, split, indices);
    return { total: members.length, indices, labels, pixels: toWire(images) };
  }

  async #summary(id: DatasetId): Promise<Summary> {
    if (!bundled(id) && !isInstalled(this.#parts.dataDir, id)) throw missing(id);
    return remember(this.#summaries, id, () =>
      this.#parts.engine.request('dataset-summary', datasetSource(this.#parts, id), {
        lane: 'interactive',
      }),
    );
  }
}

/** Whether a dataset comes with the product. */
export function bundled(id: DatasetId): boolean {
  return datasetEntry(id).sources.length === 0;
}

function missing(id: DatasetId): StudioError {
  const { name } = datasetEntry(id);
  return new StudioError({
    code: 'dataset-missing',
    message: `${name} is not installed: install it under Datasets, or with \`datasets install ${id}\`.`,
  });
}

/** Make a promise once; one that failed is made again at the next call. */
async function remember<K, V>(
  kept: Pick<Map<K, Promise<V>>, 'get' | 'delete'> & { set(key: K, made: Promise<V>): unknown },
  key: K,
  make: () => Promise<V>,
): Promise<V> {
  const present = kept.get(key);
  if (present) return present;
  const made = make();
  kept.set(key, made);
  try {
    return await made;
  } catch (error) {
    if (kept.get(key) === made) kept.delete(key);
    throw error;
  }
}

/** Refuse a limit beyond the split: it would say something else than what was trained on. */
export function requireTrainLimit(field: string, limit: number | null, train: number): void {
  if (limit === null || limit <= train) return;
  throw refuse(field, limit, `null for all, or a whole number from 10 to ${train}`);
}
