import { join } from 'node:path';
import { type RouteOutput } from '../../../shared/routes';
import { listBackups, makeBackup } from './backup';
import { requestRestore } from './restore';
import { type Core } from '../core';

/**
 * Copies of the database in `backups/` of the data directory. They hold everything but the
 * artifacts (maps, weights, pictures), which stay where they are.
 */
export class BackupsService {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  get folder(): string {
    return join(this.#core.dataDir, 'backups');
  }

  /** While the database is in use. `disk-full` and `read-only` leave no half of one. */
  async create(): Promise<RouteOutput<'backup.create'>> {
    return makeBackup(this.#core.database, this.folder, this.#core.clock.now());
  }

  /** Newest first, with what restores replaced. */
  list(): RouteOutput<'backup.list'> {
    return listBackups(this.folder);
  }

  /** Verified now, put in place at the next start; `kept` is where the present database goes then. */
  restore(path: string): RouteOutput<'backup.restore'> {
    const { dataDir, files, clock, log } = this.#core;
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
