import { canonicalJson } from '../../../shared/canonical';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type EngineOutput } from '../../../shared/engine';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type DatasetsRepository, type StoredDataset } from './datasets-repository';
import { datasetFolder, isInstalled } from './folders';
import { readOrigin } from './origin';
import { storedList } from './stored-list';

interface Parts {
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly clock: Clock;
  readonly database: Database;
  readonly dataDir: string;
  readonly datasets: DatasetsRepository;
}

/** What a person says of a dataset. */
export type Description = Pick<StoredDataset, 'name' | 'licence' | 'citation'>;

type StoredList = NonNullable<ReturnType<typeof storedList>>;

/** The rows of the datasets that are here, in line with the folders that hold their files. */
export class DatasetRows {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  ids(): string[] {
    return this.#parts.datasets.list().map(({ id }) => id);
  }

  /** Its row; of a folder that has none yet, as it would be. */
  get(id: string): StoredDataset | undefined {
    const row = this.#parts.datasets.get(id);
    if (row) return row;
    const found = storedList(this.#parts.dataDir, id);
    return found ? this.#rowOf(id, found, null) : undefined;
  }

  isInstalled(id: string): boolean {
    return isInstalled(this.#parts.dataDir, id);
  }

  /**
   * Its folder holds something new.
   *
   * @param about of one that there is no importer for; what it has already stays
   */
  async adopt(id: string, about?: Description): Promise<void> {
    const found = storedList(this.#parts.dataDir, id);
    if (!found) return;
    const origin = await readOrigin(datasetFolder(this.#parts.dataDir, id));
    const row = this.#rowOf(id, found, origin, about);
    if (row) this.#put(row);
  }

  /** What comes with the product lies in no folder of its own: its row is made when it is read. */
  keepBundled(id: string, summary: EngineOutput<'dataset-summary'>): void {
    const known = this.#parts.catalogues.datasets.find(id);
    if (!known?.bundled || this.#parts.database.readonly) return;
    const { name, shape, licence, citation } = known;
    const { classes, train, validation } = summary;
    const files = summary.files.map((file) => ({ name: file.name, sha256: file.sha256 }));
    const about = { id, name, shape, classes, train, validation, licence, citation, files };
    this.#put({ ...about, origin: null, createdAt: now(this.#parts) });
  }

  /** Of one that has a row. */
  describe(id: string, about: Partial<Description>): void {
    const row = this.get(id);
    if (row) this.#put({ ...row, ...about });
  }

  remove(id: string): void {
    this.#parts.datasets.remove(id);
  }

  #rowOf(
    id: string,
    found: StoredList,
    origin: StoredDataset['origin'],
    own?: Description,
  ): StoredDataset | undefined {
    const known = this.#parts.catalogues.datasets.find(id) ?? this.#parts.datasets.get(id) ?? own;
    if (!known) return undefined;
    const { name, licence, citation } = known;
    const { shape, train, validation } = found;
    return {
      id,
      name,
      shape,
      classes: found.classes.map((each) => each.name),
      train,
      validation,
      licence,
      citation,
      origin,
      files: found.files.map((file) => ({ name: file.name, sha256: file.sha256 })),
      createdAt: now(this.#parts),
    };
  }

  /** Unless the same stands there. */
  #put(row: StoredDataset): void {
    const before = this.#parts.datasets.get(row.id);
    const same = before && canonicalJson({ ...before, createdAt: row.createdAt });
    if (same !== canonicalJson(row)) this.#parts.datasets.put(row);
  }
}
