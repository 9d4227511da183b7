import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import { type Database } from '../storage/database';

export const artifactKinds = [
  'weights',
  'optimiser',
  'map',
  'order',
  'score',
  'tied',
  'images',
] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

const artifactSchema = z.object({
  key: z.string(),
  kind: z.enum(artifactKinds),
  sha256: z.string(),
  bytes: z.int(),
  path: z.string(),
  createdAt: z.string(),
});
export type Artifact = z.infer<typeof artifactSchema>;

const columns = 'key, kind, sha256, bytes, path, created_at AS createdAt';

/** Nothing names it: no model, epoch, run, study, kept map or method from elsewhere, and no item of a job that may go on. */
const unused = `
  NOT EXISTS (SELECT 1 FROM models m WHERE m.artifact = a.key)
  AND NOT EXISTS (SELECT 1 FROM model_epochs e WHERE e.weights = a.key OR e.optimiser = a.key)
  AND NOT EXISTS (SELECT 1 FROM run_maps r WHERE r.artifact = a.key)
  AND NOT EXISTS (SELECT 1 FROM run_orders o WHERE o.artifact = a.key)
  AND NOT EXISTS (SELECT 1 FROM study_datasets d WHERE d.images = a.key)
  AND NOT EXISTS (SELECT 1 FROM study_maps s WHERE s.artifact = a.key)
  AND NOT EXISTS (SELECT 1 FROM explore_cache c WHERE c.artifact = a.key)
  AND NOT EXISTS (SELECT 1 FROM imported_maps p WHERE p.artifact = a.key)
  AND NOT EXISTS (
    SELECT 1 FROM job_item_artifacts i JOIN jobs j ON j.id = i.job
    WHERE i.artifact = a.key AND j.state <> 'done')`;

/**
 * The key of a file: the hash of its kind and of everything that determines its content (inputs'
 * hashes, parameters, seeds, the engine's device, threads, plan and versions).
 */
export function artifactKey(kind: ArtifactKind, inputs: unknown): string {
  return createHash('sha256').update(canonicalJson({ kind, inputs })).digest('hex');
}

/** The rows about artifacts; the files are the artifact store's. */
export class ArtifactsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(artifact: Artifact): void {
    this.#database.run(
      `INSERT INTO artifacts (key, kind, sha256, bytes, path, created_at)
       VALUES (@key, @kind, @sha256, @bytes, @path, @createdAt)
       ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, sha256 = excluded.sha256,
         bytes = excluded.bytes, path = excluded.path, created_at = excluded.created_at`,
      artifact,
    );
  }

  get(key: string): Artifact | undefined {
    return this.#database.get(artifactSchema, `SELECT ${columns} FROM artifacts WHERE key = @key`, {
      key,
    });
  }

  /** One whose file has such a content. */
  withContent(sha256: string): Artifact | undefined {
    return this.#database.get(
      artifactSchema,
      `SELECT ${columns} FROM artifacts WHERE sha256 = @sha256 LIMIT 1`,
      { sha256 },
    );
  }

  /**
   * Forget a file that is damaged or gone, wherever it is named, so that it is computed again: the
   * items of jobs not done that made it are no longer done, an epoch loses its checkpoint (not its
   * figures), and a model that lost its weights is incomplete. A study's artifact keeps its row,
   * because the study is frozen: only the same bytes may come back under the key.
   */
  forget(key: string): void {
    this.#database.transaction(() => {
      const run = (sql: string) => this.#database.run(sql, { key });
      run(`DELETE FROM job_items WHERE EXISTS (
             SELECT 1 FROM job_item_artifacts a JOIN jobs j ON j.id = a.job
             WHERE a.artifact = @key AND j.state <> 'done' AND a.job = job_items.job
               AND a.stage = job_items.stage AND a.item = job_items.item)`);
      run('DELETE FROM run_maps WHERE artifact = @key');
      run('DELETE FROM run_orders WHERE artifact = @key');
      run('DELETE FROM explore_cache WHERE artifact = @key');
      run('DELETE FROM imported_maps WHERE artifact = @key');
      run(`UPDATE models SET artifact = NULL, state = 'incomplete' WHERE artifact = @key`);
      run('UPDATE model_epochs SET weights = NULL WHERE weights = @key');
      run('UPDATE model_epochs SET optimiser = NULL WHERE optimiser = @key');
      run(`DELETE FROM artifacts WHERE key = @key
             AND NOT EXISTS (SELECT 1 FROM study_datasets d WHERE d.images = @key)
             AND NOT EXISTS (SELECT 1 FROM study_maps s WHERE s.artifact = @key)`);
    });
  }

  usage(): { artifacts: number; bytes: number; unusedBytes: number } {
    const sum = z.object({ artifacts: z.int(), bytes: z.int() });
    const select =
      'SELECT count(*) AS artifacts, coalesce(sum(bytes), 0) AS bytes FROM artifacts a';
    const all = this.#database.one(sum, select);
    const free = this.#database.one(sum, `${select} WHERE ${unused}`);
    return { ...all, unusedBytes: free.bytes };
  }

  /** How many files of one kind there are. */
  count(kind: ArtifactKind): number {
    return this.#database.number('SELECT count(*) AS n FROM artifacts WHERE kind = @kind', {
      kind,
    });
  }

  /** Artifacts that nothing names, made before `before` (ISO 8601). */
  unused(before: string): Artifact[] {
    return this.#database.all(
      artifactSchema,
      `SELECT ${columns} FROM artifacts a WHERE created_at < @before AND ${unused}`,
      { before },
    );
  }

  /**
   * Take its name off the items that made it, which stay done, and delete the row if nothing else
   * names it: for a checkpoint that a later one replaced. Says whether it is gone.
   */
  release(key: string): boolean {
    return this.#database.transaction(() => {
      this.#database.run('DELETE FROM job_item_artifacts WHERE artifact = @key', { key });
      return this.deleteUnused(key);
    });
  }

  /** Delete the row if nothing names it; says whether it did. */
  deleteUnused(key: string): boolean {
    return (
      this.#database.run(
        `DELETE FROM artifacts WHERE key IN (
           SELECT key FROM artifacts a WHERE a.key = @key AND ${unused})`,
        { key },
      ) > 0
    );
  }
}
