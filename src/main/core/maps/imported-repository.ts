import { z } from 'zod';
import { datasetIdSchema, type Split } from '../../../shared/catalogue/datasets';
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

/** The stored maps of one split. */
export interface ImportedSplit {
  readonly split: Split;
  readonly images: IndexRanges;
  /** Maps in each file but the last. */
  readonly block: number;
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
const imagesRow = z.object({
  method: z.string(),
  split: z.enum(['train', 'validation']),
  images: json(indexRangesSchema),
  block: z.int(),
});

const methodColumns = 'method, dataset, model, citation, file, dataset_files AS files';

/** Maps that were made elsewhere: whose they are, which images they cover, and their files. */
export class ImportedRepository {
  readonly #database: Database;

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
        this.#database.run(
          `INSERT INTO imported_images (method, split, images, block)
           VALUES (@method, @split, @images, @block)`,
          { method, split, images: JSON.stringify(images), block },
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

  /** By method. */
  facts(): ReadonlyMap<string, ImportedFacts> {
    const images = this.#database.all(
      imagesRow,
      'SELECT method, split, images, block FROM imported_images',
    );
    const count = (method: string, split: Split) =>
      countIn(images.find((row) => row.method === method && row.split === split)?.images ?? []);
    return new Map(
      this.#database
        .all(methodRow, `SELECT ${methodColumns} FROM imported_methods`)
        .map(({ method, dataset, model, citation, file }) => [
          method,
          {
            dataset,
            model,
            citation,
            file,
            train: count(method, 'train'),
            validation: count(method, 'validation'),
          },
        ]),
    );
  }

  /** Undefined where it covers no image of the split. */
  split(method: string, split: Split): ImportedSplit | undefined {
    const row = this.#database.get(
      imagesRow,
      'SELECT method, split, images, block FROM imported_images WHERE method = @method AND split = @split',
      { method, split },
    );
    if (!row) return undefined;
    const { images, block } = row;
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
