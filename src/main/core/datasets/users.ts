import { type DatasetId } from '../../../shared/catalogue/datasets';
import { type Job } from '../../../shared/jobs';
import { conflict, type Core } from '../core';

type Store = Pick<Core, 'jobs' | 'models' | 'runs' | 'studies'>;

/** The job that installs a dataset, queued or under way. */
export function installOf(core: Store, dataset: DatasetId): Job | undefined {
  return active(core).find(({ kind, subject }) => kind === 'dataset' && subject === dataset);
}

/** Refuses, naming the job, while a job that is queued or under way works with the dataset. */
export function requireUnused(core: Store, name: string, dataset: DatasetId): void {
  const user = active(core).find((job) => datasetsOf(core, job).includes(dataset));
  if (!user) return;
  throw conflict(
    `${name} is in use by “${user.title}” (${user.id}), which is ${user.state}: wait until it is done, or cancel it first.`,
  );
}

function active(core: Store): Job[] {
  return core.jobs.inState('queued', 'running', 'cancelling');
}

function datasetsOf(core: Store, { kind, subject }: Job): readonly string[] {
  if (subject === null) return [];
  if (kind === 'train') return [core.models.get(subject)?.dataset ?? ''];
  if (kind === 'roar') return [core.runs.get(subject)?.settings.dataset ?? ''];
  if (kind === 'dataset') return [subject];
  return core.studies.get(subject)?.config?.datasets.map(({ dataset }) => dataset) ?? [];
}
