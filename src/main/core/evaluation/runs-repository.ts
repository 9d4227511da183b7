import { z } from 'zod';
import { valueAt } from '../../../shared/checked-reads';
import { roarSettingsSchema } from '../../../shared/catalogue/roar';
import { type EngineDescription, engineDescriptionSchema } from '../../../shared/engine';
import { jobStates } from '../../../shared/jobs';
import { type RunRecord } from '../../../shared/records';
import {
  type DatasetContent,
  datasetKeySchema,
  type StoredDatasetKey,
} from '../artifacts/dataset-key';
import { type Database } from '../storage/database';
import { flag, json } from '../storage/json';

export type NewRun = Pick<RunRecord, 'id' | 'name' | 'settings' | 'job' | 'createdAt'>;

export interface RunImage {
  /** Index into the validation split. */
  readonly image: number;
  readonly label: number;
}

export const runLevelSchema = z.object({
  level: z.number(),
  model: z.string().nullable(),
  reused: flag,
  seconds: z.number(),
});
export type RunLevel = z.output<typeof runLevelSchema>;

/** Of one method at one level, by the image's position in the run. */
export interface RunScores {
  readonly method: string;
  readonly level: number;
  /** Softmax score of the ground-truth class, 0..1. */
  readonly scores: readonly number[];
  /** Share of the removed pixels that ties decided, 0..1. */
  readonly tied: readonly number[];
}

const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  settings: json(roarSettingsSchema),
  state: z.enum(jobStates),
  job: z.string(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  seconds: z.number(),
});

const select = `SELECT r.id, r.name, r.settings, j.state, r.job,
  r.created_at AS createdAt, j.finished_at AS finishedAt,
  (SELECT coalesce(sum(i.seconds), 0.0) FROM job_items i WHERE i.job = r.job) AS seconds
  FROM runs r JOIN jobs j ON j.id = r.job`;

/** ROAR runs: their images, levels, maps and scores. */
export class RunsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The job must be in the ledger already (insert both in one transaction). */
  insert(run: NewRun): void {
    const { id, name, settings, job, createdAt } = run;
    const { dataset, protocol } = settings;
    this.#database.run(
      `INSERT INTO runs (id, name, dataset, protocol, settings, job, created_at)
       VALUES (@id, @name, @dataset, @protocol, @settings, @job, @createdAt)`,
      { id, name, dataset, protocol, settings: JSON.stringify(settings), job, createdAt },
    );
  }

  get(id: string): RunRecord | undefined {
    return this.#database.get(rowSchema, `${select} WHERE r.id = @id`, { id });
  }

  /** Newest first. */
  list(): RunRecord[] {
    return this.#database.all(rowSchema, `${select} ORDER BY r.created_at DESC, r.rowid DESC`);
  }

  /** Names of the runs with a method. */
  usingMethod(method: string): string[] {
    return this.list().flatMap(({ name, settings }) =>
      settings.methods.includes(method) ? [name] : [],
    );
  }

  rename(id: string, name: string): void {
    this.#database.run('UPDATE runs SET name = @name WHERE id = @id', { id, name });
  }

  /** With its job, images, levels, maps and scores; models and artifacts stay. */
  remove(id: string): void {
    this.#database.transaction(() => {
      const job = this.get(id)?.job;
      this.#database.run('DELETE FROM runs WHERE id = @id', { id });
      if (job) this.#database.run('DELETE FROM jobs WHERE id = @job', { job });
    });
  }

  /** What an attempt computes it with, and of which images. */
  begin(
    id: string,
    engine: EngineDescription,
    dataset: DatasetContent,
    images: readonly RunImage[],
  ): void {
    this.#database.transaction(() => {
      this.setEngine(id, engine);
      this.setDatasetKey(id, dataset);
      this.setImages(id, images);
    });
  }

  /** What computed it (the last attempt's engine). */
  setEngine(id: string, engine: EngineDescription): void {
    this.#database.run('UPDATE runs SET engine = @engine WHERE id = @id', {
      id,
      engine: JSON.stringify(engine),
    });
  }

  engine(id: string): EngineDescription | null {
    const row = this.#database.get(
      z.object({ engine: json(engineDescriptionSchema).nullable() }),
      'SELECT engine FROM runs WHERE id = @id',
      { id },
    );
    return row?.engine ?? null;
  }

  /** The dataset by its content, with which it was begun. */
  setDatasetKey(id: string, key: DatasetContent): void {
    this.#database.run('UPDATE runs SET dataset_key = @key WHERE id = @id', {
      id,
      key: JSON.stringify(key),
    });
  }

  /** Null of a run that has not begun, or began before this was kept. */
  datasetKey(id: string): StoredDatasetKey | null {
    const row = this.#database.get(
      z.object({ key: json(datasetKeySchema).nullable() }),
      'SELECT dataset_key AS key FROM runs WHERE id = @id',
      { id },
    );
    return row?.key ?? null;
  }

  setImages(run: string, images: readonly RunImage[]): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM run_images WHERE run = @run', { run });
      images.forEach(({ image, label }, position) => {
        this.#database.run(
          `INSERT INTO run_images (run, position, image, label)
           VALUES (@run, @position, @image, @label)`,
          { run, position, image, label },
        );
      });
    });
  }

  images(run: string): RunImage[] {
    return this.#database.all(
      z.object({ image: z.int(), label: z.int() }),
      'SELECT image, label FROM run_images WHERE run = @run ORDER BY position',
      { run },
    );
  }

  putLevel(run: string, level: RunLevel): void {
    this.#database.run(
      `INSERT INTO run_levels (run, level, model, reused, seconds)
       VALUES (@run, @level, @model, @reused, @seconds)
       ON CONFLICT (run, level) DO UPDATE SET model = excluded.model, reused = excluded.reused,
         seconds = excluded.seconds`,
      { run, ...level, reused: level.reused ? 1 : 0 },
    );
  }

  levels(run: string): RunLevel[] {
    return this.#database.all(
      runLevelSchema,
      'SELECT level, model, reused, seconds FROM run_levels WHERE run = @run ORDER BY level',
      { run },
    );
  }

  putMap(run: string, method: string, shard: number, artifact: string): void {
    this.#database.run(
      `INSERT INTO run_maps (run, method, shard, artifact)
       VALUES (@run, @method, @shard, @artifact)
       ON CONFLICT (run, method, shard) DO UPDATE SET artifact = excluded.artifact`,
      { run, method, shard, artifact },
    );
  }

  /** Artifact keys of one method's maps, by shard. */
  maps(run: string, method: string): { shard: number; artifact: string }[] {
    return this.#database.all(
      z.object({ shard: z.int(), artifact: z.string() }),
      'SELECT shard, artifact FROM run_maps WHERE run = @run AND method = @method ORDER BY shard',
      { run, method },
    );
  }

  /** Scores of consecutive images from `first`, a position in the run. */
  putScores(run: string, first: number, block: RunScores): void {
    const { method, level, scores, tied } = block;
    this.#database.transaction(() => {
      scores.forEach((score, i) => {
        this.#database.run(
          `INSERT INTO run_scores (run, method, level, position, score, tied)
           VALUES (@run, @method, @level, @position, @score, @tied)
           ON CONFLICT (run, method, level, position) DO UPDATE SET score = excluded.score,
             tied = excluded.tied`,
          { run, method, level, position: first + i, score, tied: valueAt(tied, i) },
        );
      });
    });
  }

  /** How many scores there are so far. */
  scored(run: string): number {
    return this.#database.number('SELECT count(*) AS n FROM run_scores WHERE run = @run', { run });
  }

  /** All scores so far, by method in alphabetical order and level in ascending order. */
  scores(run: string): RunScores[] {
    const rows = this.#database.all(
      z.object({ method: z.string(), level: z.number(), score: z.number(), tied: z.number() }),
      `SELECT method, level, score, tied FROM run_scores WHERE run = @run
       ORDER BY method, level, position`,
      { run },
    );
    const blocks: { method: string; level: number; scores: number[]; tied: number[] }[] = [];
    for (const { method, level, score, tied } of rows) {
      let block = blocks.at(-1);
      if (block?.method !== method || block.level !== level) {
        block = { method, level, scores: [], tied: [] };
        blocks.push(block);
      }
      block.scores.push(score);
      block.tied.push(tied);
    }
    return blocks;
  }

  count(): number {
    return this.#database.get(z.object({ n: z.int() }), 'SELECT count(*) AS n FROM runs')?.n ?? 0;
  }
}
