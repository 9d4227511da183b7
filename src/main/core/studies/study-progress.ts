import { z } from 'zod';
import { questionIds } from '../../../shared/ratings/questions';
import { type Database } from '../storage/database';

const rowSchema = z.object({ rater: z.string(), total: z.int(), done: z.int() });
/** Trials in a rater's order, and those of them whose questions all have a label. */
export type RaterProgress = z.output<typeof rowSchema>;

/** How far all raters of a study are, in one look. */
export class StudyProgress {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By rater id; those without an order have none of both. */
  of(study: string): Map<string, RaterProgress> {
    const rows = this.#database.all(
      rowSchema,
      `WITH answered AS (
         SELECT rater AS code, count(*) AS trials FROM (
           SELECT rater, trial FROM rating_events
           WHERE study = @study AND trial IS NOT NULL AND question IS NOT NULL
           GROUP BY rater, trial HAVING count(DISTINCT question) = @questions)
         GROUP BY rater)
       SELECT r.id AS rater, (SELECT count(*) FROM trials t WHERE t.rater = r.id) AS total,
         coalesce(a.trials, 0) AS done
       FROM raters r LEFT JOIN answered a ON a.code = r.code
       WHERE r.study = @study`,
      { study, questions: questionIds.length },
    );
    return new Map(rows.map((row) => [row.rater, row]));
  }
}
