import { z } from 'zod';
import { type ErrorData, errorSchema, parse, StudioError } from '../../../shared/errors';
import {
  type Job,
  jobKinds,
  type JobStage,
  jobStageSchema,
  type JobState,
  jobStates,
} from '../../../shared/jobs';
import { type Database } from '../storage/database';
import { flag, json } from '../storage/json';

export interface NewJob {
  readonly id: string;
  readonly kind: Job['kind'];
  readonly title: string;
  readonly subject: string | null;
  /** Stored as JSON and read back with the job kind's schema. */
  readonly input: unknown;
  readonly stages: readonly { id: string; title: string; items: number }[];
  readonly createdAt: string;
}

export interface DoneItem {
  readonly item: string;
  /** Artifact keys in the order given to finishItem. */
  readonly artifacts: readonly string[];
  readonly reused: boolean;
  readonly seconds: number;
  readonly finishedAt: string;
}

const rowSchema = z.object({
  id: z.string(),
  kind: z.enum(jobKinds),
  title: z.string(),
  state: z.enum(jobStates),
  subject: z.string().nullable(),
  error: json(errorSchema).nullable(),
  attempt: z.int(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
});

const select = `SELECT id, kind, title, state, subject, error, attempt, created_at AS createdAt,
  started_at AS startedAt, finished_at AS finishedAt FROM jobs`;

const itemSchema = z.object({
  item: z.string(),
  reused: flag,
  seconds: z.number(),
  finishedAt: z.string(),
});

/** The ledger: what is to be done, what was done, and what it made. */
export class JobsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A new job, queued. */
  insert(job: NewJob): void {
    const { id, kind, title, subject, createdAt } = job;
    this.#database.transaction(() => {
      this.#database.run(
        `INSERT INTO jobs (id, kind, title, state, subject, input, created_at)
         VALUES (@id, @kind, @title, 'queued', @subject, @input, @createdAt)`,
        { id, kind, title, subject, input: JSON.stringify(job.input), createdAt },
      );
      job.stages.forEach((stage, position) => {
        this.#database.run(
          `INSERT INTO job_stages (job, position, stage, title, items)
           VALUES (@job, @position, @id, @title, @items)`,
          { job: id, position, ...stage },
        );
      });
    });
  }

  /** `progress` is the scheduler's, never stored. */
  get(id: string): Job | undefined {
    const row = this.#database.get(rowSchema, `${select} WHERE id = @id`, { id });
    return row && this.#compose(row);
  }

  /** Newest first. */
  list(): Job[] {
    return this.#database
      .all(rowSchema, `${select} ORDER BY created_at DESC, rowid DESC`)
      .map((row) => this.#compose(row));
  }

  /** Oldest first: the order of execution. */
  inState(...states: JobState[]): Job[] {
    return this.#database
      .all(rowSchema, `${select} ORDER BY created_at, rowid`)
      .filter(({ state }) => states.includes(state))
      .map((row) => this.#compose(row));
  }

  /** The input, parsed with the job kind's schema. */
  input<S extends z.ZodType>(id: string, schema: S): z.output<S> {
    const row = this.#database.get(
      z.object({ input: json(z.unknown()) }),
      'SELECT input FROM jobs WHERE id = @id',
      { id },
    );
    if (!row) throw new StudioError({ code: 'not-found', message: `There is no job ${id}.` });
    return parse(schema, row.input);
  }

  /** What it is to do from its next attempt on. */
  setInput(id: string, input: unknown): void {
    this.#database.run('UPDATE jobs SET input = @input WHERE id = @id', {
      id,
      input: JSON.stringify(input),
    });
  }

  setState(id: string, state: JobState): void {
    this.#database.run('UPDATE jobs SET state = @state WHERE id = @id', { id, state });
  }

  /** What it makes, where that is known at its end. */
  setSubject(id: string, subject: string): void {
    this.#database.run('UPDATE jobs SET subject = @subject WHERE id = @id', { id, subject });
  }

  /** Running, one attempt more; the first start stands. */
  start(id: string, at: string): void {
    this.#database.run(
      `UPDATE jobs SET state = 'running', attempt = attempt + 1, error = NULL, finished_at = NULL,
         started_at = coalesce(started_at, @at) WHERE id = @id`,
      { id, at },
    );
  }

  /** It ended, for now: done, cancelled, parked or failed with its error. */
  finish(
    id: string,
    state: 'done' | 'cancelled' | 'parked' | 'failed',
    at: string,
    error: ErrorData | null = null,
  ): void {
    this.#database.run(
      'UPDATE jobs SET state = @state, finished_at = @at, error = @error WHERE id = @id',
      { id, state, at, error: error && JSON.stringify(error) },
    );
  }

  /** The number of items of a stage, once it is known better. */
  setItems(job: string, stage: string, items: number): void {
    this.#database.run('UPDATE job_stages SET items = @items WHERE job = @job AND stage = @stage', {
      job,
      stage,
      items,
    });
  }

  /** An item done, with the artifacts it made; recorded once. */
  finishItem(job: string, stage: string, done: DoneItem): void {
    const { item, artifacts, reused, seconds, finishedAt } = done;
    const at = { job, stage, item };
    this.#database.transaction(() => {
      this.#database.run(
        `INSERT INTO job_items (job, stage, item, state, reused, seconds, finished_at)
         VALUES (@job, @stage, @item, 'done', @reused, @seconds, @finishedAt)`,
        { ...at, reused: reused ? 1 : 0, seconds, finishedAt },
      );
      artifacts.forEach((artifact, position) => {
        this.#database.run(
          `INSERT INTO job_item_artifacts (job, stage, item, position, artifact)
           VALUES (@job, @stage, @item, @position, @artifact)`,
          { ...at, position, artifact },
        );
      });
    });
  }

  item(job: string, stage: string, item: string): DoneItem | undefined {
    const row = this.#database.get(
      itemSchema,
      `SELECT item, reused, seconds, finished_at AS finishedAt FROM job_items
       WHERE job = @job AND stage = @stage AND item = @item AND state = 'done'`,
      { job, stage, item },
    );
    return row && { ...row, artifacts: this.#artifacts(job, stage, item) };
  }

  /** The items of a stage that are done, by their name. */
  doneItems(job: string, stage: string): Map<string, DoneItem> {
    const rows = this.#database.all(
      itemSchema,
      `SELECT item, reused, seconds, finished_at AS finishedAt FROM job_items
       WHERE job = @job AND stage = @stage AND state = 'done' ORDER BY item`,
      { job, stage },
    );
    return new Map(
      rows.map((row) => [row.item, { ...row, artifacts: this.#artifacts(job, stage, row.item) }]),
    );
  }

  stages(job: string): JobStage[] {
    return this.#database.all(
      jobStageSchema,
      `SELECT s.stage AS id, s.title, s.items, count(i.item) AS done,
         coalesce(sum(i.reused), 0) AS reused, coalesce(sum(i.seconds), 0.0) AS seconds
       FROM job_stages s LEFT JOIN job_items i
         ON i.job = s.job AND i.stage = s.stage AND i.state = 'done'
       WHERE s.job = @job GROUP BY s.job, s.stage ORDER BY s.position`,
      { job },
    );
  }

  /** With its stages and items. Throws `conflict` while a run names it. */
  remove(id: string): void {
    this.#database.run('DELETE FROM jobs WHERE id = @id', { id });
  }

  #artifacts(job: string, stage: string, item: string): string[] {
    return this.#database
      .all(
        z.object({ artifact: z.string() }),
        `SELECT artifact FROM job_item_artifacts
         WHERE job = @job AND stage = @stage AND item = @item ORDER BY position`,
        { job, stage, item },
      )
      .map(({ artifact }) => artifact);
  }

  #compose(row: z.output<typeof rowSchema>): Job {
    return { ...row, stages: this.stages(row.id), progress: null };
  }
}
