import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { canonicalJson } from '../../../shared/canonical';
import { conflict, refuse } from '../../../shared/errors';
import { strictField } from '../../../shared/imported-images';
import { type Job } from '../../../shared/jobs';
import { imagesJobSchema, type RouteParsed } from '../../../shared/routes';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Scheduler } from '../jobs/scheduler';
import { forgetBegun } from './begun-imports';
import { imagesStages } from './images-job';
import { requireOneOf } from './images-from';
import { type ImagesInput } from './images-import';
import { type SentImages } from './sent-images';

interface Parts {
  readonly dataDir: string;
  readonly jobs: JobsRepository;
  readonly scheduler: Scheduler;
  readonly sentImages: SentImages;
}

/** Imports of one's own images as jobs: begun, gone on with, given up. */
export class ImageImports {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * A job that makes a dataset of one's own images; one that stopped with the same input is resumed, also where
   * a file that is no image was to be refused then and is not now, or the other way about.
   */
  async start(input: RouteParsed<'datasets.importImages'>): Promise<{ job: Job }> {
    const { path, upload, labels, labelsUpload, masks, masksUpload, ...rest } = input;
    const from = { path, upload, labels, labelsUpload, masks, masksUpload };
    requireOneOf(from);
    await requirePath('path', path, 'a folder, archive or list that is there');
    await requirePath('labels', labels, 'a list that is there');
    await requirePath('masks', masks, 'a folder, archive or list of boxes that is there');
    return this.#parts.sentImages.place(from, (at) => this.#begin({ ...rest, ...at }));
  }

  /** Go on with one that refused all for a file, such files left out. */
  leaveOut(id: string): { job: Job } {
    const job = this.#ended(id);
    const { jobs, scheduler } = this.#parts;
    if (job.error?.field !== strictField) throw conflict('The import refused no file.');
    jobs.setInput(id, { ...jobs.input(id, imagesJobSchema), strict: false });
    return { job: scheduler.resume(id) };
  }

  /** One that ended early is removed, with all that was kept of it. */
  async drop(id: string): Promise<Record<string, never>> {
    const { dataDir, jobs, scheduler, sentImages } = this.#parts;
    if (this.#ended(id).state === 'parked') scheduler.cancel(id);
    forgetBegun(dataDir, id);
    await sentImages.forget(jobs.input(id, imagesJobSchema));
    jobs.remove(id);
    return {};
  }

  #begin(asked: ImagesInput): { job: Job } {
    const { jobs, scheduler } = this.#parts;
    const input = imagesJobSchema.parse(asked);
    const key = keyOf(input);
    const same = jobs
      .inState('parked', 'cancelled', 'failed')
      .filter(({ kind }) => kind === 'images')
      .findLast(({ id }) => keyOf(jobs.input(id, imagesJobSchema)) === key);
    if (same) {
      jobs.setInput(same.id, input);
      return { job: scheduler.resume(same.id) };
    }
    const stages = imagesStages.map(({ id, title, items }) => ({ id, title, items: items.length }));
    const title = `Import ${input.name}`;
    return { job: scheduler.start({ kind: 'images', title, subject: null, input, stages }) };
  }

  #ended(id: string): Job {
    const job = this.#parts.scheduler.get(id);
    if (job.kind !== 'images') throw conflict('The job is no import of images.');
    if (['cancelled', 'parked', 'failed'].includes(job.state)) return job;
    throw conflict(
      `The import is ${job.state}: only one that ended early is gone on with or given up.`,
    );
  }
}

/** What makes two of them the same work: whether files that are no image are left out is none of it. */
const keyOf = (input: ImagesInput): string => canonicalJson({ ...input, strict: false });

async function requirePath(field: string, path: string | null, accepted: string): Promise<void> {
  if (path === null) return;
  if (!isAbsolute(path)) throw refuse(field, path, 'an absolute path');
  if (!(await stat(path).catch(() => null))) throw refuse(field, path, accepted);
}
