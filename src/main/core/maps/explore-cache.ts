import { z } from 'zod';
import { type Database } from '../storage/database';

/** Which artifacts the maps view made, and when each was last used. */
export class ExploreCacheRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  touch(artifact: string, usedAt: string): void {
    this.#database.run(
      `INSERT INTO explore_cache (artifact, used_at) VALUES (@artifact, @usedAt)
       ON CONFLICT (artifact) DO UPDATE SET used_at = excluded.used_at`,
      { artifact, usedAt },
    );
  }

  /** Let go of those not used for longest until the rest fits in `bytes`; says how many. */
  trim(bytes: number): number {
    const rows = this.#database.all(
      z.object({ artifact: z.string(), bytes: z.int() }),
      `SELECT c.artifact, a.bytes FROM explore_cache c JOIN artifacts a ON a.key = c.artifact
       ORDER BY c.used_at DESC, c.artifact`,
    );
    let kept = 0;
    const dropped = rows.filter((row) => (kept += row.bytes) > bytes);
    this.#database.transaction(() => {
      for (const { artifact } of dropped) {
        this.#database.run('DELETE FROM explore_cache WHERE artifact = @artifact', { artifact });
      }
    });
    return dropped.length;
  }
}
