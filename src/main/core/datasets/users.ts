import { conflict } from '../../../shared/errors';
import { type Job } from '../../../shared/jobs';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Scheduler } from '../jobs/scheduler';

/** The job that installs a dataset, queued or under way. */
export function installOf(jobs: JobsRepository, dataset: string): Job | undefined {
  return jobs
    .inState('queued', 'running', 'cancelling')
    .find(({ kind, subject }) => kind === 'dataset' && subject === dataset);
}

/** Refuses, naming the job, while a job that is queued or under way works with the dataset. */
export function requireUnused(scheduler: Scheduler, name: string, dataset: string): void {
  const user = scheduler.userOf(dataset);
  if (!user) return;
  throw conflict(
    `${name} is in use by “${user.title}” (${user.id}), which is ${user.state}: wait until it is done, or cancel it first.`,
  );
}
