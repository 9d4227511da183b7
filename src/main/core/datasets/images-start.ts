import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { canonicalJson } from '../../../shared/canonical';
import { refuse } from '../../../shared/errors';
import { type NewId } from '../../../shared/ids';
import { type Job } from '../../../shared/jobs';
import { imagesJobSchema, type RouteParsed } from '../../../shared/routes';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Scheduler } from '../jobs/scheduler';
import { type UploadStore } from '../storage/transit/upload-store';
import { imagesStages } from './images-job';
import { type ImagesFrom, requireOneOf } from './images-from';
import { forgetUnneeded, sentFolder } from './sent-images';

interface Parts {
  readonly dataDir: string;
  readonly jobs: JobsRepository;
  readonly newId: NewId;
  readonly scheduler: Scheduler;
  readonly uploads: UploadStore;
}

/** A job that makes a dataset of one's own images; one that stopped with the same input is resumed. */
export async function startImages(
  parts: Parts,
  { path, upload, labels, labelsUpload, ...rest }: RouteParsed<'datasets.importImages'>,
): Promise<{ job: Job }> {
  const { jobs, scheduler } = parts;
  const from = { path, upload, labels, labelsUpload };
  requireOneOf(from);
  if (path !== null) await requirePath('path', path, 'a folder, archive or list that is there');
  if (labels !== null) await requirePath('labels', labels, 'a list that is there');
  if (rest.masks !== null) {
    await requirePath('masks', rest.masks, 'a folder, archive or list of boxes that is there');
  }
  const input = imagesJobSchema.parse({ ...rest, ...(await placed(parts, from)) });
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

/** The same with what was sent at a path of its own. */
async function placed({ dataDir, jobs, newId, uploads }: Parts, from: ImagesFrom) {
  const { path, upload, labels, labelsUpload } = from;
  if (upload === null && labelsUpload === null) return { path, labels };
  await forgetUnneeded(dataDir, jobs);
  const folder = sentFolder(dataDir, newId('upload'));
  // Each in a folder of its own: they may bear one name.
  const kept = (id: string, part: string) => uploads.keep(id, join(folder, part));
  return {
    path: upload === null ? path : await kept(upload, 'images'),
    labels: labelsUpload === null ? labels : await kept(labelsUpload, 'labels'),
  };
}
