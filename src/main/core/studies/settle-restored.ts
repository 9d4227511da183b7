import { basename } from 'node:path';
import { type Database } from '../storage/database';
import { type PendingRestore } from '../storage/restore';
import { AnnotatorModeRepository } from './annotator-mode-repository';
import { StudyLogRepository } from './study-log';

/**
 * What a restored database must be told: that it was restored (once, although this may be repeated
 * after a crash), and that annotator mode, which lasted when it was copied, is over.
 */
export function settleRestored(database: Database, { from, kept, at }: PendingRestore): void {
  const log = new StudyLogRepository(database);
  database.transaction(() => {
    const told = log
      .entries(null)
      .some((entry) => entry.action === restoredAction && entry.at === at);
    if (told) return;
    new AnnotatorModeRepository(database).end();
    log.add(null, restoredAction, `${from}; replaced: ${basename(kept)}`, at);
  });
}

const restoredAction = 'backup.restored';
