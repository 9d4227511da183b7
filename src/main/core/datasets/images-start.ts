import { isAbsolute } from 'node:path';
import { stat } from 'node:fs/promises';
import { canonicalJson } from '../../../shared/canonical';
import { refuse } from '../../../shared/errors';
import { type Job } from '../../../shared/jobs';
import { imagesJobSchema } from '../../../shared/routes';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Scheduler } from '../jobs/scheduler';
import { type ImagesInput } from './images-import';
import { imagesStages } from './images-job';

interface Parts {
  readonly jobs: JobsRepository;
  readonly scheduler: Scheduler;
}

/** A job that makes a dataset of one's own images; one that stopped with the same input is resumed. */
export async function startImages(
  { jobs, scheduler }: Parts,
  input: ImagesInput,
): Promise<{ job: Job }> {
  await requirePath('path', input.path, 'a folder, archive or list that is there');
  if (input.labels !== null) await requirePath('labels', input.labels, 'a list that is there');
  if (input.masks !== null) {
    await requirePath('masks', input.masks, 'a folder, archive or list of boxes that is there');
  }
  const asked = canonicalJson(input);
  const same = jobs
    .inState('parked', 'cancelled', 'failed')
    .filter(({ kind }) => kind === 'images')
    .findLast(({ id }) => canonicalJson(jobs.input(id, imagesJobSchema)) === asked);
  if (same) return { job: scheduler.resume(same.id) };
  const stages = imagesStages.map(({ id, title, items }) => ({ id, title, items: items.length }));
  const title = `Import ${input.name}`;
  return { job: scheduler.start({ kind: 'images', title, subject: null, input, stages }) };
}

async function requirePath(field: string, path: string, accepted: string): Promise<void> {
  if (!isAbsolute(path)) throw refuse(field, path, 'an absolute path');
  if (!(await stat(path).catch(() => null))) throw refuse(field, path, accepted);
}
