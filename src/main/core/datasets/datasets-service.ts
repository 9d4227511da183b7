import { LRUCache } from 'lru-cache';
import { type NdArray, toWire } from '../../../shared/arrays';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type DatasetFacts, type Split } from '../../../shared/catalogue/datasets';
import { conflict, refuse, type StudioError, toErrorData } from '../../../shared/errors';
import { NameIndex, nameKey } from '../../../shared/identifying-text';
import { type DatasetRecord } from '../../../shared/records';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type Sight } from '../../../shared/model-input';
import { type DatasetKey } from '../artifacts/keys';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type InstalledFiles, packageFolder } from '../storage/installed-files';
import { type DatasetReader, type Summary } from './dataset-reader';
import { type DatasetRows, type Description } from './dataset-rows';
import { datasetMissing } from './missing';
import { remember } from './remember';
import { installOf } from './users';

interface Parts {
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly events: Events;
  readonly jobs: JobsRepository;
  readonly reader: DatasetReader;
  /** Of those that are here. */
  readonly files: InstalledFiles;
  readonly rows: DatasetRows;
}

type Page = RouteOutput<'datasets.images'>;

/** Pages of sample images kept in memory, unless they are large. */
const keptPages = 48;
const largePage = 2 * 2 ** 20;

/** Datasets that are known or here: read and checked by the engine process, remembered here. */
export class DatasetsService {
  readonly #parts: Parts;
  readonly #pages = new LRUCache<string, Promise<Page>>({ max: keptPages });

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Those with an importer, then the others that are here. */
  ids(): string[] {
    const { catalogues, rows } = this.#parts;
    const known = catalogues.datasets.list.map(({ id }) => id);
    return [...new Set([...known, ...rows.ids()])];
  }

  /** Where none is named: one comes with the product. */
  first(): string {
    const [id] = this.ids();
    if (id === undefined) throw new RangeError('no dataset is known');
    return id;
  }

  /** How they are called. */
  names(): { id: string; name: string }[] {
    return this.ids().map((id) => ({ id, name: this.facts(id).name }));
  }

  /**
   * The one that is meant by its id or its name, however they are written.
   *
   * @throws StudioError `invalid-input` at `field` where none is meant, or several are: with what is
   */
  named(text: string, field: string): string {
    const key = nameKey(text);
    const byId = this.ids().find((id) => id === key);
    if (byId !== undefined) return byId;
    const all = this.names();
    const found = new NameIndex(all.map(({ name }) => name)).find(text);
    const meant = all.filter(({ name }) => found.includes(name));
    const [first, second] = meant;
    if (first && !second) return first.id;
    const choices = (meant.length > 0 ? meant : all).map(({ id, name }) =>
      nameKey(name) === id ? id : `${id} (${name})`,
    );
    throw refuse(field, text, `one of: ${choices.join(', ')}`);
  }

  /** Whether another dataset is called so, or has it as its id. */
  isTaken(name: string, but: string): boolean {
    const key = nameKey(name);
    return this.names().some(
      (other) => other.id !== but && (other.id === key || nameKey(other.name) === key),
    );
  }

  rename({ dataset, name }: RouteParsed<'datasets.rename'>): Promise<DatasetRecord> {
    this.#requireOwn(dataset, 'keeps its name');
    if (this.isTaken(name, dataset)) throw refuse('name', name, 'a name that no other dataset has');
    return this.#described(dataset, { name });
  }

  describe(input: RouteParsed<'datasets.describe'>): Promise<DatasetRecord> {
    const { dataset, licence, citation } = input;
    this.#requireOwn(dataset, 'keeps the licence and citation of its publication');
    return this.#described(dataset, {
      ...(licence !== undefined && { licence }),
      ...(citation !== undefined && { citation }),
    });
  }

  async #described(id: string, about: Partial<Description>): Promise<DatasetRecord> {
    this.#parts.rows.describe(id, about);
    this.#parts.events.emit({ type: 'dataset.changed', dataset: id });
    return this.record(id);
  }

  /** Refuse what is published under a name, and what is not there. */
  #requireOwn(id: string, keeps: string): void {
    const { name } = this.facts(id);
    if (!this.#parts.catalogues.datasets.find(id)) return;
    throw conflict(`${name} is a published dataset and ${keeps}.`);
  }

  list(): Promise<DatasetRecord[]> {
    return Promise.all(this.ids().map((id) => this.record(id)));
  }

  /**
   * What settings are made for: what is here of a dataset, else the whole of it.
   *
   * @param field where the id stands, for the refusal of one that is not known
   */
  facts(id: string, field = 'dataset'): DatasetFacts {
    const known = this.#parts.catalogues.datasets.find(id);
    const { rows } = this.#parts;
    const row = rows.get(id);
    // A row that models and runs kept says nothing of what will be installed.
    if (row && (!known || this.isBundled(id) || rows.isInstalled(id))) {
      const { name, shape, classes, train, validation } = row;
      const suggestion = known?.suggestion ?? null;
      return { id, name, shape, classes: classes.length, train, validation, suggestion };
    }
    if (known) return known;
    throw refuse(field, id, `one of: ${this.ids().join(', ')}`);
  }

  /** The whole of a dataset, as far as it is known. */
  whole(id: string): DatasetFacts {
    return this.#parts.catalogues.datasets.find(id) ?? this.facts(id);
  }

  /** Whether it lies with the product's packages, whole. */
  isBundled(id: string): boolean {
    const bundled = this.#parts.catalogues.datasets.find(id)?.bundled;
    return bundled ? packageFolder(this.#parts.files, bundled) !== null : false;
  }

  /** A dataset that cannot be read says why; refuses one that is not known at `field`. */
  async record(id: string, field = 'dataset'): Promise<DatasetRecord> {
    const { name, shape, train, validation } = this.facts(id, field);
    const known = this.#parts.catalogues.datasets.find(id) ?? null;
    const row = this.#parts.rows.get(id);
    const { licence, citation } = row ?? known ?? { licence: '', citation: '' };
    const job = installOf(this.#parts.jobs, id)?.id ?? null;
    const about = { id, name, shape, licence, citation, known, job };
    try {
      const summary = await this.#summary(id);
      const origin = this.#parts.rows.get(id)?.origin ?? null;
      return { ...about, state: 'installed', reason: null, ...summary, origin };
    } catch (error) {
      const { code, message } = toErrorData(error);
      return {
        ...about,
        state: code === 'dataset-missing' ? 'missing' : 'unreadable',
        reason: message,
        classes: row?.classes ?? [],
        train: known?.train ?? train,
        validation: known?.validation ?? validation,
        trainPerClass: [],
        validationPerClass: [],
        files: [],
        bytes: 0,
        masks: { train: 0, validation: 0 },
        origin: null,
      };
    }
  }

  /** Rows for what lies in the data directory without one: of before there were any, or of a crash. */
  async adopt(): Promise<void> {
    for (const id of this.ids()) await this.#parts.rows.adopt(id);
  }

  /**
   * What was installed is here now: its row, and nothing remembered of what was there before.
   *
   * @param about of one that there is no importer for, where it has none yet
   */
  async installed(id: string, about?: Description): Promise<void> {
    this.forget(id);
    await this.#parts.rows.adopt(id, about);
  }

  /** Whether all files of a dataset are here, and whole. */
  async isWhole(id: string): Promise<boolean> {
    if (!this.#parts.rows.isInstalled(id) || !this.#parts.rows.get(id)) return false;
    this.forget(id);
    return (await this.record(id)).state === 'installed';
  }

  /** Its files are gone; while anything names it, its row stays. Answers what is left to say of it. */
  async removed(id: string, isNamed: boolean): Promise<DatasetRecord> {
    this.forget(id);
    const record = await this.record(id);
    if (!isNamed) this.#parts.rows.remove(id);
    return record;
  }

  /** Read the files again: the engine compares them with their checksums whenever it is asked. */
  async verify(id: string): Promise<DatasetRecord> {
    this.forget(id);
    const record = await this.record(id);
    this.#parts.events.emit({ type: 'dataset.changed', dataset: id });
    return record;
  }

  /** The files are others now: drop what was remembered of them. */
  forget(id: string): void {
    this.#parts.reader.forget(id);
    this.#pages.clear();
  }

  /** The dataset by its content. Throws what keeps it from being read. */
  async key(id: string): Promise<DatasetKey> {
    const { files } = await this.#summary(id);
    return { dataset: id, files: files.map(({ name, sha256 }) => ({ name, sha256 })) };
  }

  /** All that can be read now, by their content. */
  async contents(): Promise<DatasetKey[]> {
    const keys = await Promise.allSettled(this.ids().map((id) => this.key(id)));
    return keys.flatMap((key) => (key.status === 'fulfilled' ? [key.value] : []));
  }

  /** What is here of a dataset. Throws what keeps it from being read. */
  async counts(id: string, field?: string): Promise<DatasetFacts> {
    const facts = this.facts(id, field);
    const { train, validation, classes } = await this.#summary(id);
    return { ...facts, train, validation, classes: classes.length };
  }

  /** The class of every image of a split. */
  async labels(id: string, split: Split): Promise<ArrayLike<number>> {
    return (await this.#parts.reader.labels(id, split)).data;
  }

  /** Refuse indices that the split does not have; names the field. */
  async requireIndices(
    id: string,
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
    const { dataset, split, label, offset, limit, side } = input;
    const key = JSON.stringify([dataset, split, label, offset, limit, side]);
    const page = await remember(this.#pages, key, () => this.#page(input));
    if (page.pixels.data.length > largePage) this.#pages.delete(key);
    return page;
  }

  /** uint8 [N, H, W, C] and the labels of some images, as a model of that sight sees them. */
  pixels(
    id: string,
    split: Split,
    indices: readonly number[],
    sight?: Sight,
  ): Promise<{ images: NdArray; labels: number[] }> {
    return this.#parts.reader.pixels(id, split, indices, sight);
  }

  /**
   * Masks of the object of some images. An image that has none is left out.
   *
   * @throws StudioError `invalid-input` naming an index that the split does not have
   */
  async masks({
    dataset,
    split,
    indices,
  }: RouteParsed<'datasets.masks'>): Promise<RouteOutput<'datasets.masks'>> {
    await this.requireIndices(dataset, split, indices, 'indices');
    const found = await this.#parts.reader.masks(dataset, split, indices);
    return { indices: found.indices, masks: toWire(found.masks) };
  }

  async #page(input: RouteParsed<'datasets.images'>): Promise<Page> {
    const { dataset, split, label, offset, limit, side } = input;
    const { classes } = await this.counts(dataset);
    if (label !== null && label >= classes) {
      throw refuse('label', label, `a class from 0 to ${classes - 1}, or null for all`);
    }
    const all = await this.labels(dataset, split);
    const members: number[] = [];
    for (let i = 0; i < all.length; i += 1) if (label === null || all[i] === label) members.push(i);
    const indices = members.slice(offset, offset + limit);
    const { images, labels } = await this.#parts.reader.pixels(
      dataset,
      split,
      indices,
      undefined,
      side,
    );
    return { total: members.length, indices, labels, pixels: toWire(images) };
  }

  async #summary(id: string): Promise<Summary> {
    const { reader, rows } = this.#parts;
    if (!this.isBundled(id) && !rows.isInstalled(id)) throw this.#missing(id);
    return reader.summary(id, (summary) => rows.keepBundled(id, summary));
  }

  #missing(id: string): StudioError {
    return datasetMissing(this.facts(id).name, this.#parts.catalogues.datasets.find(id));
  }
}

/** Refuse a limit beyond the split: it would say something else than what was trained on. */
export function requireTrainLimit(field: string, limit: number | null, train: number): void {
  if (limit === null || limit <= train) return;
  throw refuse(field, limit, `null for all, or a whole number from 10 to ${train}`);
}
