import { z } from 'zod';
import { datasetIdSchema } from '../../../shared/catalogue/datasets';
import { networkIdSchema } from '../../../shared/catalogue/network-id';
import {
  type EpochRecord,
  epochRecordSchema,
  fillSchema,
  recipeSchema,
  trainingRemovalSchema,
} from '../../../shared/catalogue/training';
import { type ModelRecord, modelRecordSchema } from '../../../shared/records';
import { type ModelClasses } from '../../../shared/model-classes';
import { type ModelInput, modelInputSchema } from '../../../shared/model-input';
import { type Database } from '../storage/database';
import { json } from '../storage/json';

/** A model as stored. The services add what the catalogue knows (the paper's accuracy). */
export const storedModelSchema = modelRecordSchema.omit({ paperAccuracy: true }).extend({
  /** Hash of everything that determines the weights: equal keys are the same model. */
  key: z.string(),
  /** Artifact of the final weights; null while it trains. */
  artifact: z.string().nullable(),
});
export type StoredModel = z.infer<typeof storedModelSchema>;

export const storedEpochSchema = epochRecordSchema.extend({
  /** Artifacts of the checkpoint, null once dropped. */
  weights: z.string().nullable(),
  optimiser: z.string().nullable(),
});
export type StoredEpoch = z.infer<typeof storedEpochSchema>;

export type NewModel = Pick<
  StoredModel,
  'id' | 'key' | 'name' | 'dataset' | 'architecture' | 'origin' | 'recipe' | 'removal'
> &
  Pick<StoredModel, 'removalSeed' | 'job' | 'state' | 'createdAt'> &
  Partial<Pick<StoredModel, 'adapted' | 'input' | 'classes'>>;

const rowSchema = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  dataset: datasetIdSchema,
  architecture: networkIdSchema,
  origin: modelRecordSchema.shape.origin,
  recipe: json(recipeSchema).nullable(),
  input: json(modelInputSchema).nullable(),
  outputs: z.int().nullable(),
  level: trainingRemovalSchema.shape.level,
  fill: fillSchema,
  mask: trainingRemovalSchema.shape.mask,
  removalSeed: z.int(),
  validationAccuracy: z.number().nullable(),
  artifact: z.string().nullable(),
  sha256: z.string().nullable(),
  job: z.string().nullable(),
  state: modelRecordSchema.shape.state,
  createdAt: z.string(),
});

const select = `SELECT m.id, m.key, m.name, m.dataset, m.architecture, m.origin, m.recipe,
  i.input, c.outputs, m.removal_level AS level, m.removal_fill AS fill, m.removal_mask AS mask,
  m.removal_seed AS removalSeed, m.validation_accuracy AS validationAccuracy, m.artifact,
  a.sha256, m.job, m.state, m.created_at AS createdAt
  FROM models m LEFT JOIN artifacts a ON a.key = m.artifact
  LEFT JOIN model_inputs i ON i.model = m.id LEFT JOIN model_classes c ON c.model = m.id`;
const newest = 'ORDER BY m.created_at DESC, m.rowid DESC';

export class ModelsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(model: NewModel): void {
    const { recipe, removal, adapted = [], input = null, classes = null, ...rest } = model;
    this.#database.run(
      `INSERT INTO models (id, key, name, dataset, architecture, origin, recipe, removal_level,
         removal_fill, removal_mask, removal_seed, job, state, created_at)
       VALUES (@id, @key, @name, @dataset, @architecture, @origin, @recipe, @level, @fill, @mask,
         @removalSeed, @job, @state, @createdAt)`,
      { ...rest, ...removal, recipe: recipe ? JSON.stringify(recipe) : null },
    );
    if (input) this.putInput(model.id, input);
    if (classes) this.#insertClasses(model.id, classes);
    for (const [position, sentence] of adapted.entries()) {
      this.#database.run(
        `INSERT INTO model_adaptations (model, position, sentence)
         VALUES (@model, @position, @sentence)`,
        { model: model.id, position, sentence },
      );
    }
  }

  /** A model together with its final weights. */
  insertReady(model: NewModel, artifact: string, validationAccuracy: number | null): void {
    this.#database.transaction(() => {
      this.insert(model);
      this.finish(model.id, artifact, validationAccuracy);
    });
  }

  get(id: string): StoredModel | undefined {
    return this.#one('WHERE m.id = @id', { id });
  }

  /** Newest first. */
  list(): StoredModel[] {
    return this.#many(newest, {});
  }

  /** The model with this key: a ready one first, then the newest. */
  findByKey(key: string): StoredModel | undefined {
    return this.#one(
      `WHERE m.key = @key ORDER BY m.state = 'ready' DESC, m.created_at DESC, m.rowid DESC LIMIT 1`,
      { key },
    );
  }

  /** Ready models of these weights, the oldest first. */
  withWeights(sha256: string): StoredModel[] {
    return this.#many(
      `WHERE a.sha256 = @sha256 AND m.state = 'ready' ORDER BY m.created_at, m.rowid`,
      { sha256 },
    );
  }

  /** Names of the models whose training starts from these weights, or did. */
  startedFrom(sha256: string): string[] {
    return this.#many(`WHERE m.recipe ->> '$.init.weights' = @sha256 ${newest}`, { sha256 }).map(
      ({ name }) => name,
    );
  }

  /** The newest ready model of a dataset at one removal level, of those that tell its classes apart. */
  newestReady(dataset: string, level = 0): StoredModel | undefined {
    return this.#one(
      `WHERE m.dataset = @dataset AND m.removal_level = @level AND m.state = 'ready'
         AND (c.outputs IS NULL OR EXISTS (SELECT 1 FROM model_labels l WHERE l.model = m.id))
       ${newest} LIMIT 1`,
      { dataset, level },
    );
  }

  /** Record one epoch, or record it again after its checkpoint was lost; null: it has none here. */
  putEpoch(
    model: string,
    epoch: EpochRecord,
    weights: string | null,
    optimiser: string | null,
  ): void {
    this.#database.run(
      `INSERT INTO model_epochs (model, epoch, loss, train_accuracy, validation_accuracy, seconds,
         weights, optimiser)
       VALUES (@model, @epoch, @loss, @trainAccuracy, @validationAccuracy, @seconds, @weights,
         @optimiser)
       ON CONFLICT (model, epoch) DO UPDATE SET loss = excluded.loss,
         train_accuracy = excluded.train_accuracy,
         validation_accuracy = excluded.validation_accuracy, seconds = excluded.seconds,
         weights = excluded.weights, optimiser = excluded.optimiser`,
      { model, ...epoch, weights, optimiser },
    );
  }

  /** In order, with the artifacts of each checkpoint. */
  epochs(model: string): StoredEpoch[] {
    return this.#database.all(
      storedEpochSchema,
      `SELECT epoch, loss, train_accuracy AS trainAccuracy,
         validation_accuracy AS validationAccuracy, seconds, weights, optimiser
       FROM model_epochs WHERE model = @model ORDER BY epoch`,
      { model },
    );
  }

  /** The weights are final. */
  finish(id: string, artifact: string, validationAccuracy: number | null): void {
    this.#database.run(
      `UPDATE models SET artifact = @artifact, validation_accuracy = @validationAccuracy,
         state = 'ready' WHERE id = @id`,
      { id, artifact, validationAccuracy },
    );
  }

  /** What it makes of images first, as the file of its weights says it. */
  putInput(model: string, input: ModelInput): void {
    this.#database.run(
      `INSERT INTO model_inputs (model, input) VALUES (@model, @input)
       ON CONFLICT (model) DO UPDATE SET input = excluded.input`,
      { model, input: JSON.stringify(input) },
    );
  }

  /** What is known of a model whose weights are elsewhere. */
  measured(id: string, validationAccuracy: number | null): void {
    this.#database.run(
      'UPDATE models SET validation_accuracy = @validationAccuracy WHERE id = @id',
      { id, validationAccuracy },
    );
  }

  setState(id: string, state: ModelRecord['state']): void {
    this.#database.run('UPDATE models SET state = @state WHERE id = @id', { id, state });
  }

  setJob(id: string, job: string | null): void {
    this.#database.run('UPDATE models SET job = @job WHERE id = @id', { id, job });
  }

  rename(id: string, name: string): void {
    this.#database.run('UPDATE models SET name = @name WHERE id = @id', { id, name });
  }

  /** Let go of the optimiser's state of every epoch but the last (garbage collection frees it). */
  dropEarlierOptimisers(id: string): void {
    this.#database.run(
      `UPDATE model_epochs SET optimiser = NULL WHERE model = @id
         AND epoch < (SELECT max(epoch) FROM model_epochs WHERE model = @id)`,
      { id },
    );
  }

  /** Runs that use the model: while there is one it is not removed. */
  runsUsing(id: string): string[] {
    return this.#database
      .all(
        z.object({ run: z.string() }),
        'SELECT DISTINCT run FROM run_levels WHERE model = @id ORDER BY run',
        { id },
      )
      .map(({ run }) => run);
  }

  /** Throws `conflict` while a run uses it. */
  remove(id: string): void {
    this.#database.run('DELETE FROM models WHERE id = @id', { id });
  }

  count(): number {
    return this.#database.get(z.object({ n: z.int() }), 'SELECT count(*) AS n FROM models')?.n ?? 0;
  }

  #one(where: string, parameters: Record<string, string | number>): StoredModel | undefined {
    const row = this.#database.get(rowSchema, `${select} ${where}`, parameters);
    return row && this.#compose(row);
  }

  #many(where: string, parameters: Record<string, string | number>): StoredModel[] {
    return this.#database
      .all(rowSchema, `${select} ${where}`, parameters)
      .map((row) => this.#compose(row));
  }

  #adapted(model: string): string[] {
    return this.#database
      .all(
        z.object({ sentence: z.string() }),
        'SELECT sentence FROM model_adaptations WHERE model = @model ORDER BY position',
        { model },
      )
      .map(({ sentence }) => sentence);
  }

  #insertClasses(model: string, { count, names, outputs }: ModelClasses): void {
    this.#database.run('INSERT INTO model_classes (model, outputs) VALUES (@model, @count)', {
      model,
      count,
    });
    for (const [output, name] of (names ?? []).entries()) {
      this.#database.run(
        'INSERT INTO model_outputs (model, output, name) VALUES (@model, @output, @name)',
        { model, output, name },
      );
    }
    for (const [label, output] of (outputs ?? []).entries()) {
      this.#database.run(
        'INSERT INTO model_labels (model, label, output) VALUES (@model, @label, @output)',
        { model, label, output },
      );
    }
  }

  #classes(model: string, count: number | null): ModelClasses | null {
    if (count === null) return null;
    const names = this.#database.all(
      z.object({ name: z.string() }),
      'SELECT name FROM model_outputs WHERE model = @model ORDER BY output',
      { model },
    );
    const labels = this.#database.all(
      z.object({ output: z.int() }),
      'SELECT output FROM model_labels WHERE model = @model ORDER BY label',
      { model },
    );
    return {
      count,
      names: names.length > 0 ? names.map(({ name }) => name) : null,
      outputs: labels.length > 0 ? labels.map(({ output }) => output) : null,
    };
  }

  #compose({ level, fill, mask, outputs, ...row }: z.output<typeof rowSchema>): StoredModel {
    const epochs = this.epochs(row.id).map((epoch) => epochRecordSchema.parse(epoch));
    return {
      ...row,
      removal: { level, fill, mask },
      epochs,
      classes: this.#classes(row.id, outputs),
      adapted: this.#adapted(row.id),
    };
  }
}
