import { conflict } from '../../../shared/errors';
import { type StudyConfig } from '../../../shared/ratings/study';
import { type Scheduler } from '../jobs/scheduler';
import { type StoredStudy } from './studies-repository';

/** Throws `conflict` for an imported study: it has ratings and no design. */
export function designed(study: StoredStudy): StudyConfig {
  if (study.origin === 'designed' && study.config) return study.config;
  throw conflict(`${study.name} was imported: there is no design to edit, prepare or reopen.`);
}

/** Throws `conflict` while the maps of a study are being computed. */
export function requireIdle(scheduler: Scheduler, { job, name }: StoredStudy): void {
  if (job === null || !scheduler.isActive(job)) return;
  throw conflict(`The maps of ${name} are being computed: cancel that first.`);
}
