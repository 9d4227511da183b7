import { z } from 'zod';
import { questionIdSchema } from '../../../shared/ratings/questions';
import { type Database } from '../storage/database';

const labelSchema = z.object({
  /** The position in the rater's order, as text. */
  trial: z.string(),
  question: questionIdSchema,
  score: z.int(),
  recordedAt: z.string(),
});
/** One label, first or changed. */
export type RecordedLabel = z.output<typeof labelSchema>;

/** What a session asks of one rater's events between two labels: little, and by index. */
export class RaterEvents {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether consent was taken back. A withdrawal is the only event without a dataset. */
  hasWithdrawn(study: string, rater: string): boolean {
    const withdrawals = this.#database.number(
      `SELECT EXISTS (SELECT 1 FROM rating_events
         WHERE study = @study AND rater = @rater AND dataset IS NULL AND action = 'withdraw') AS n`,
      { study, rater },
    );
    return withdrawals === 1;
  }

  /** Of the newest event of all; 0 without any. They only grow. */
  newestId(): number {
    return this.#database.number('SELECT coalesce(max(id), 0) AS n FROM rating_events');
  }

  /** The rater's labels of trials after an event, in the order they came; after 0: all. */
  labelsAfter(study: string, rater: string, id: number): RecordedLabel[] {
    // By the rater's index for all of them, else over the few newest events (the unary plus).
    const plus = id === 0 ? '' : '+';
    return this.#database.all(
      labelSchema,
      `SELECT trial, question, score, recorded_at AS recordedAt FROM rating_events
       WHERE id > @id AND ${plus}study = @study AND ${plus}rater = @rater
         AND trial IS NOT NULL AND question IS NOT NULL ORDER BY id`,
      { study, rater, id },
    );
  }
}
