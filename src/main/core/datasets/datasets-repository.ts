import { z } from 'zod';
import { datasetIdSchema } from '../../../shared/catalogue/datasets';
import { type DatasetRecord, datasetRecordSchema } from '../../../shared/records';
import { datasetKeySchema } from '../artifacts/dataset-key';
import { type Database } from '../storage/database';
import { json } from '../storage/json';

const rowSchema = z.object({
  id: datasetIdSchema,
  name: z.string(),
  height: z.int(),
  width: z.int(),
  channels: z.int(),
  train: z.int(),
  validation: z.int(),
  licence: z.string(),
  citation: z.string(),
  origin: json(datasetRecordSchema.shape.origin).nullable(),
  files: json(datasetKeySchema.shape.files),
  createdAt: z.string(),
});

/** A dataset that is here, as it is stored. */
export interface StoredDataset extends Pick<
  DatasetRecord,
  'id' | 'name' | 'shape' | 'classes' | 'train' | 'validation' | 'licence' | 'citation' | 'origin'
> {
  /** Its content: the sha256 of each file. */
  readonly files: z.output<typeof datasetKeySchema>['files'];
  readonly createdAt: string;
}

const select = `SELECT id, name, height, width, channels, train, validation, licence, citation,
  origin, files, created_at AS createdAt FROM datasets`;

export class DatasetsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In the place of the one with its id. */
  put(dataset: StoredDataset): void {
    const { shape, classes, origin, files, ...rest } = dataset;
    const [height, width, channels] = shape;
    this.#database.transaction(() => {
      this.remove(dataset.id);
      this.#database.run(
        `INSERT INTO datasets (id, name, height, width, channels, train, validation, licence,
           citation, origin, files, created_at)
         VALUES (@id, @name, @height, @width, @channels, @train, @validation, @licence, @citation,
           @origin, @files, @createdAt)`,
        {
          ...rest,
          height,
          width,
          channels,
          origin: origin && JSON.stringify(origin),
          files: JSON.stringify(files),
        },
      );
      for (const [label, name] of classes.entries()) {
        this.#database.run(
          'INSERT INTO dataset_classes (dataset, label, name) VALUES (@dataset, @label, @name)',
          { dataset: dataset.id, label, name },
        );
      }
    });
  }

  get(id: string): StoredDataset | undefined {
    const row = this.#database.get(rowSchema, `${select} WHERE id = @id`, { id });
    return row && this.#compose(row);
  }

  /** The oldest first. */
  list(): StoredDataset[] {
    return this.#database
      .all(rowSchema, `${select} ORDER BY created_at, id`)
      .map((row) => this.#compose(row));
  }

  remove(id: string): void {
    this.#database.run('DELETE FROM datasets WHERE id = @id', { id });
  }

  #compose({ height, width, channels, ...row }: z.output<typeof rowSchema>): StoredDataset {
    const classes = this.#database.all(
      z.object({ name: z.string() }),
      'SELECT name FROM dataset_classes WHERE dataset = @id ORDER BY label',
      { id: row.id },
    );
    return { ...row, shape: [height, width, channels], classes: classes.map(({ name }) => name) };
  }
}
