import { z } from 'zod';
import { datasetIdSchema, type Split, splitSchema } from '../../../shared/catalogue/datasets';
import { type ImportedFacts } from '../../../shared/catalogue/methods';
import { countIn, type IndexRanges, indexRangesSchema } from '../../../shared/index-ranges';
import { type DatasetContent, datasetKeySchema } from '../artifacts/dataset-key';
import { type Database } from '../storage/database';
import { json } from '../storage/json';

/** What a person says of maps that were made elsewhere, and of which dataset's content they are. */
export interface ImportedMethod extends Pick<
  ImportedFacts,
  'dataset' | 'model' | 'citation' | 'file'
> {
  readonly files: DatasetContent['files'];
}

/** Which images of one split are covered. */
export interface ImportedImages {
  readonly split: Split;
  readonly images: IndexRanges;
  /** Maps in each file but the last. */
  readonly block: number;
}

/** The stored maps of one split. */
export interface ImportedSplit extends ImportedImages {
  /** By their place; a file that was damaged has none. */
  readonly artifacts: readonly (string | null)[];
}

const methodRow = z.object({
  method: z.string(),
  dataset: datasetIdSchema,
  model: z.string().nullable(),
  citation: z.string(),
  file: z.string(),
  files: json(datasetKeySchema.shape.files),
});
const countRow = z.object({ method: z.string(), split: splitSchema, count: z.int() });
const imagesRow = z.object({ images: json(indexRangesSchema), block: z.int() });
/** Lists of images that are kept: scattered ones are long, and a method's never change. */
const keptLists = 8;

const methodColumns = 'method, dataset, model, citation, file, dataset_files AS files';

/** Maps that were made elsewhere: whose they are, which images they cover, and their files. */
export class ImportedRepository {
  readonly #database: Database;
  /** By method and split, the last one asked for at the end. */
  readonly #lists = new Map<string, IndexRanges>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The method must be there; what was known of its maps is replaced. */
  put(method: string, about: ImportedMethod, splits: readonly ImportedSplit[]): void {
    const { dataset, model, citation, file, files } = about;
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM imported_methods WHERE method = @method', { method });
      this.#database.run(
        `INSERT INTO imported_methods (method, dataset, model, citation, file, dataset_files)
         VALUES (@method, @dataset, @model, @citation, @file, @files)`,
        { method, dataset, model, citation, file, files: JSON.stringify(files) },
      );
      for (const { split, images, block, artifacts } of splits) {
        this.#lists.delete(`${method}/${split}`);
        this.#database.run(
          `INSERT INTO imported_images (method, split, images, count, block)
           VALUES (@method, @split, @images, @count, @block)`,
          { method, split, images: JSON.stringify(images), count: countIn(images), block },
        );
        artifacts.forEach((artifact, place) => {
          this.#database.run(
            `INSERT INTO imported_maps (method, split, block, artifact)
             VALUES (@method, @split, @place, @artifact)`,
            { method, split, place, artifact },
          );
        });
      }
    });
  }

  get(method: string): ImportedMethod | undefined {
    const row = this.#database.get(
      methodRow,
      `SELECT ${methodColumns} FROM imported_methods WHERE method = @method`,
      { method },
    );
    return row && aboutOf(row);
  }

  /**
   * By method.
   *
   * @param method that one alone; null: all
   */
  facts(method: string | null): ReadonlyMap<string, ImportedFacts> {
    const where = method === null ? '' : 'WHERE method = @method';
    const of = method === null ? {} : { method };
    const counts = new Map<string, { train: number; validation: number }>();
    for (const row of this.#database.all(
      countRow,
      `SELECT method, split, count FROM imported_images ${where}`,
      of,
    )) {
      const known = counts.get(row.method) ?? { train: 0, validation: 0 };
      counts.set(row.method, { ...known, [row.split]: row.count });
    }
    return new Map(
      this.#database
        .all(methodRow, `SELECT ${methodColumns} FROM imported_methods ${where}`, of)
        .map(({ method: id, dataset, model, citation, file }) => {
          const { train, validation } = counts.get(id) ?? { train: 0, validation: 0 };
          return [id, { dataset, model, citation, file, train, validation }];
        }),
    );
  }

  /** Which images it covers; undefined where none of the split. */
  images(method: string, split: Split): ImportedImages | undefined {
    const key = `${method}/${split}`;
    const kept = this.#lists.get(key);
    const columns = kept ? "'[]' AS images, block" : 'images, block';
    const row = this.#database.get(
      imagesRow,
      `SELECT ${columns} FROM imported_images WHERE method = @method AND split = @split`,
      { method, split },
    );
    this.#lists.delete(key);
    if (!row) return undefined;
    const images = kept ?? row.images;
    this.#lists.set(key, images);
    const [oldest] = this.#lists.keys();
    if (this.#lists.size > keptLists && oldest !== undefined) this.#lists.delete(oldest);
    return { split, images, block: row.block };
  }

  /** One of its files by its place; null where it was damaged. */
  artifact(method: string, split: Split, block: number): string | null {
    const row = this.#database.get(
      z.object({ artifact: z.string() }),
      `SELECT artifact FROM imported_maps
       WHERE method = @method AND split = @split AND block = @block`,
      { method, split, block },
    );
    return row?.artifact ?? null;
  }

  /** Undefined where it covers no image of the split. */
  split(method: string, split: Split): ImportedSplit | undefined {
    const stored = this.images(method, split);
    if (!stored) return undefined;
    const { images, block } = stored;
    const count = Math.ceil(countIn(images) / block);
    const artifacts = Array.from({ length: count }, (): string | null => null);
    for (const { place, artifact } of this.#database.all(
      z.object({ place: z.int(), artifact: z.string() }),
      `SELECT block AS place, artifact FROM imported_maps
       WHERE method = @method AND split = @split ORDER BY block`,
      { method, split },
    )) {
      artifacts[place] = artifact;
    }
    return { split, images, block, artifacts };
  }

  /** Names of the methods whose maps are of a model, or of a dataset. */
  using(of: 'model' | 'dataset', id: string): string[] {
    return this.#database
      .all(
        z.object({ name: z.string() }),
        `SELECT m.name FROM imported_methods i JOIN methods m ON m.id = i.method
         WHERE i.${of} = @id ORDER BY m.created_at, m.rowid`,
        { id },
      )
      .map(({ name }) => name);
  }
}

function aboutOf(row: z.output<typeof methodRow>): ImportedMethod {
  const { dataset, model, citation, file, files } = row;
  return { dataset, model, citation, file, files };
}
