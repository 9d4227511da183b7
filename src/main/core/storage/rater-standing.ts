import { z } from 'zod';
import { type Database } from './database';

/** What a session asks of one rater's events between two labels, in indexed look-ups. */
export class RaterStanding {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether consent was taken back. A withdrawal is the only event without a dataset. */
  hasWithdrawn(study: string, rater: string): boolean {
    const row = this.#database.get(
      z.object({ n: z.int() }),
      `SELECT EXISTS (SELECT 1 FROM rating_events
         WHERE study = @study AND rater = @rater AND dataset IS NULL AND action = 'withdraw') AS n`,
      { study, rater },
    );
    return row?.n === 1;
  }

  /** When the rater's newest labels were recorded, newest first. */
  lastTimes(study: string, rater: string, limit: number): string[] {
    return this.#database
      .all(
        z.object({ at: z.string() }),
        `SELECT recorded_at AS at FROM rating_events
         WHERE study = @study AND rater = @rater AND action <> 'withdraw'
         ORDER BY id DESC LIMIT @limit`,
        { study, rater, limit },
      )
      .map(({ at }) => at);
  }
}
