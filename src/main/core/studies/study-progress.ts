import { z } from 'zod';
import { onScaleOf, type Scaled } from '../../../shared/ratings/questions';
import { type Database } from '../storage/database';

const rowSchema = z.object({ rater: z.string(), total: z.int(), done: z.int() });
/** Trials in a rater's order, and those of them whose questions all have a label. */
export type RaterProgress = z.output<typeof rowSchema>;

/** How far all raters of a study are, by one query. */
export class StudyProgress {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those without an order have none of both. */
  byRater(study: string, questions: readonly Scaled[]): Map<string, RaterProgress> {
    // What an instructed answer stands for, by the question that comes first.
    const instructed = questions.map(({ id }) => [id, onScaleOf(questions, id).length] as const);
    const rows = this.#database.all(
      rowSchema,
      `WITH given AS (
         SELECT rater AS code, trial, count(DISTINCT question) AS labels FROM rating_events
         WHERE study = @study AND trial IS NOT NULL AND question IS NOT NULL
         GROUP BY rater, trial),
       answered AS (
         SELECT r.id AS rater, count(*) AS trials
         FROM given g
         -- By the index, which does not tell case apart, and then by the very code.
         JOIN raters r ON r.study = @study AND r.code = g.code AND g.code = r.code
         LEFT JOIN trials t ON t.rater = r.id AND t.position = CAST(g.trial AS INTEGER)
         LEFT JOIN json_each(@instructed) i
           ON t.check_kind = 'instructed' AND i.key = t.first_question
         WHERE g.labels = coalesce(i.value, @questions)
         GROUP BY r.id)
       SELECT r.id AS rater, (SELECT count(*) FROM trials t WHERE t.rater = r.id) AS total,
         coalesce(a.trials, 0) AS done
       FROM raters r LEFT JOIN answered a ON a.rater = r.id
       WHERE r.study = @study`,
      {
        study,
        questions: questions.length,
        instructed: JSON.stringify(Object.fromEntries(instructed)),
      },
    );
    return new Map(rows.map((row) => [row.rater, row]));
  }
}
