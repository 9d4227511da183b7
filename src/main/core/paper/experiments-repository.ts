import { z } from 'zod';
import { experimentKinds } from '../../../shared/experiments';
import { experimentIdSchema, runIdSchema, studyIdSchema } from '../../../shared/ids';
import { type Database } from '../storage/database';

const experimentRowSchema = z.object({
  id: experimentIdSchema,
  kind: z.enum(experimentKinds),
  name: z.string(),
  study: studyIdSchema.nullable(),
  createdAt: z.string(),
});
export type StoredExperiment = z.output<typeof experimentRowSchema>;

const memberSchema = z.object({
  run: runIdSchema,
  /** Of a sensitivity analysis: the changed choice of `choices.json`; null: our defaults. */
  choice: z.string().nullable(),
  /** Which of its other readings, counted from 0. */
  reading: z.int().nullable(),
});
export type StoredMember = z.output<typeof memberSchema>;

const select = 'SELECT id, kind, name, study, created_at AS createdAt FROM experiments';

/** Runs that belong together. The runs themselves are the runs' repository's. */
export class ExperimentsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(experiment: StoredExperiment): void {
    this.#database.run(
      `INSERT INTO experiments (id, kind, name, study, created_at)
       VALUES (@id, @kind, @name, @study, @createdAt)`,
      { ...experiment },
    );
  }

  /** After those it has. */
  addMember(experiment: string, member: StoredMember): void {
    this.#database.run(
      `INSERT INTO experiment_runs (experiment, position, run, choice, reading)
       SELECT @experiment, coalesce(max(position) + 1, 0), @run, @choice, @reading
       FROM experiment_runs WHERE experiment = @experiment`,
      { experiment, ...member },
    );
  }

  get(id: string): StoredExperiment | undefined {
    return this.#database.get(experimentRowSchema, `${select} WHERE id = @id`, { id });
  }

  /** Newest first. */
  list(): StoredExperiment[] {
    return this.#database.all(
      experimentRowSchema,
      `${select} ORDER BY created_at DESC, rowid DESC`,
    );
  }

  /** In order. A run that was removed is no member any more. */
  members(experiment: string): StoredMember[] {
    return this.#database.all(
      memberSchema,
      `SELECT run, choice, reading FROM experiment_runs WHERE experiment = @experiment
       ORDER BY position`,
      { experiment },
    );
  }

  rename(id: string, name: string): void {
    this.#database.run('UPDATE experiments SET name = @name WHERE id = @id', { id, name });
  }

  setStudy(id: string, study: string | null): void {
    this.#database.run('UPDATE experiments SET study = @study WHERE id = @id', { id, study });
  }

  /** The runs stay. */
  remove(id: string): void {
    this.#database.run('DELETE FROM experiments WHERE id = @id', { id });
  }
}
