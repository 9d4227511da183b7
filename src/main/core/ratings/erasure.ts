import { z } from 'zod';
import { type Database } from '../storage/database';

/**
 * Delete the rating events of a rater (a code), or of a whole study, although they are append-only:
 * the triggers are lifted and put back within one transaction, so that nobody ever sees the table
 * without them. Answers with the number of events. `Database.compact` then rebuilds the file.
 */
export function eraseRatingEvents(database: Database, study: string, rater?: string): number {
  return database.transaction(() => {
    const triggers = database.all(
      z.object({ name: z.string(), sql: z.string() }),
      `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'rating_events'`,
    );
    for (const { name } of triggers) database.execute(`DROP TRIGGER "${name}"`);
    const erased =
      rater === undefined
        ? database.run('DELETE FROM rating_events WHERE study = @study', { study })
        : database.run(
            'DELETE FROM rating_events WHERE study = @study AND rater = @rater COLLATE NOCASE',
            {
              study,
              rater,
            },
          );
    for (const { sql } of triggers) database.execute(sql);
    return erased;
  });
}
