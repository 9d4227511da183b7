import { z } from 'zod';
import { type Database } from '../storage/database';

const entrySchema = z.object({
  study: z.string().nullable(),
  action: z.string(),
  detail: z.string(),
  at: z.string(),
});
export type StudyLogEntry = z.output<typeof entrySchema>;

/** What a researcher did that bears on results. It outlives the study; null: the whole database. */
export class StudyLogRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(study: string | null, action: string, detail: string, at: string): void {
    this.#database.run(
      'INSERT INTO study_log (study, action, detail, at) VALUES (@study, @action, @detail, @at)',
      { study, action, detail, at },
    );
  }

  /** In the order it happened. */
  entries(study: string | null): StudyLogEntry[] {
    return this.#database.all(
      entrySchema,
      'SELECT study, action, detail, at FROM study_log WHERE study IS @study ORDER BY id',
      { study },
    );
  }
}
