import { z } from 'zod';
import { type Split } from '../../../shared/catalogue/datasets';
import { type RetrainedModel } from '../../../shared/records';
import { type Database } from '../storage/database';
import { json } from '../storage/json';

/** One file of pixel orders. */
export interface StoredOrder {
  readonly method: string;
  readonly split: Split;
  readonly shard: number;
  readonly artifact: string;
  /** By level of the run: mean share of the removed pixels that ties decided. */
  readonly tied: readonly number[];
}

const orderSchema = z.object({
  shard: z.int(),
  artifact: z.string(),
  tied: json(z.array(z.number())),
});

const modelSchema = z.object({
  method: z.string(),
  level: z.number(),
  repetition: z.int(),
  accuracy: z.number(),
  seconds: z.number(),
});

/** What runs of the protocols that retrain have made: pixel orders, and each model's accuracy. */
export class RetrainedRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  putOrder(run: string, { method, split, shard, artifact, tied }: StoredOrder): void {
    this.#database.run(
      `INSERT INTO run_orders (run, method, split, shard, artifact, tied)
       VALUES (@run, @method, @split, @shard, @artifact, @tied)
       ON CONFLICT (run, method, split, shard) DO UPDATE SET artifact = excluded.artifact,
         tied = excluded.tied`,
      { run, method, split, shard, artifact, tied: JSON.stringify(tied) },
    );
  }

  /** Of one method and split, by shard. */
  orders(
    run: string,
    method: string,
    split: Split,
  ): { shard: number; artifact: string; tied: number[] }[] {
    return this.#database.all(
      orderSchema,
      `SELECT shard, artifact, tied FROM run_orders
       WHERE run = @run AND method = @method AND split = @split ORDER BY shard`,
      { run, method, split },
    );
  }

  putModel(run: string, model: RetrainedModel): void {
    const { method, level, repetition, accuracy, seconds } = model;
    this.#database.run(
      `INSERT INTO run_retrained (run, method, level, repetition, accuracy, seconds)
       VALUES (@run, @method, @level, @repetition, @accuracy, @seconds)
       ON CONFLICT (run, method, level, repetition) DO UPDATE SET accuracy = excluded.accuracy,
         seconds = excluded.seconds`,
      { run, method: method ?? '', level, repetition, accuracy, seconds },
    );
  }

  /** By level, method (null first) and repetition. */
  models(run: string): RetrainedModel[] {
    return this.#database
      .all(
        modelSchema,
        `SELECT method, level, repetition, accuracy, seconds FROM run_retrained
         WHERE run = @run ORDER BY level, method, repetition`,
        { run },
      )
      .map((row) => ({ ...row, method: row.method === '' ? null : row.method }));
  }
}
