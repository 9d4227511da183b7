import { conflict } from '../../../shared/errors';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Scheduler } from '../jobs/scheduler';
import { type Database } from '../storage/database';
import { type ModelsRepository } from './models-repository';
import { type ModelsService } from './models-service';

interface Parts {
  readonly database: Database;
  readonly events: Events;
  readonly jobs: JobsRepository;
  readonly models: ModelsService;
  /** Names of what uses a model. */
  readonly modelUsers: (model: string) => readonly string[];
  readonly scheduler: Scheduler;
  readonly stored: ModelsRepository;
}

/** Removes a model that nothing uses, and the job that trained it alone. */
export function removeModel(parts: Parts, id: string): Record<string, never> {
  const { database, events, jobs, models, modelUsers, scheduler, stored } = parts;
  const model = models.stored(id);
  const users = modelUsers(id);
  if (users.length > 0) {
    throw conflict(
      `${model.name} is used by ${users.join(', ')}: remove these runs, studies and models first.`,
    );
  }
  const job = model.job ? jobs.get(model.job) : undefined;
  if (job && scheduler.isActive(job.id)) {
    throw conflict(`${model.name} is being trained: cancel that first.`);
  }
  database.transaction(() => {
    stored.remove(id);
    if (job?.kind === 'train') jobs.remove(job.id);
  });
  events.emit({ type: 'model.changed', model: id });
  return {};
}
