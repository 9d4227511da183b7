import { join } from 'node:path';
import { type RouteOutput } from '../../../shared/routes';
import { listBackups, makeBackup } from './backup';
import { type Database } from './database';
import { type Clock, type Log } from './environment';
import { type InstalledFiles } from './installed-files';
import { requestRestore } from './restore';

interface Parts {
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: Database;
  readonly files: InstalledFiles;
  readonly log: Log;
}

/**
 * Copies of the database in `backups/` of the data directory. They hold everything but the
 * artifacts (maps, weights, pictures), which stay where they are.
 */
export class BackupsService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get folder(): string {
    return join(this.#parts.dataDir, 'backups');
  }

  /** While the database is in use. `disk-full` and `read-only` leave no half of one. */
  async create(): Promise<RouteOutput<'backup.create'>> {
    return makeBackup(this.#parts.database, this.folder, this.#parts.clock.now());
  }

  /** Newest first, with what restores replaced. */
  list(): RouteOutput<'backup.list'> {
    return listBackups(this.folder);
  }

  /** Verified now, put in place at the next start; `kept` is where the present database goes then. */
  restore(path: string): RouteOutput<'backup.restore'> {
    const { dataDir, files, clock, log } = this.#parts;
    const { kept, from } = requestRestore({
      directory: dataDir,
      backup: path,
      migrations: files.migrations,
      at: clock.now(),
    });
    log.info('A backup takes the place of the database at the next start.', { from, kept });
    return { kept };
  }
}
