import { join } from 'node:path';
import { type Job } from '../../../shared/jobs';
import { mapsJobSchema, type RouteParsed } from '../../../shared/routes';
import { canonicalJson } from '../../../shared/canonical';
import { valueAt } from '../../../shared/checked-reads';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Scheduler } from '../jobs/scheduler';
import { type UploadStore } from '../storage/transit/upload-store';
import { mapsStages } from './import-job';
import { type MapsImport, type MapsInput } from './import-maps';

interface Parts {
  readonly dataDir: string;
  readonly jobs: Pick<JobsRepository, 'inState' | 'input'>;
  readonly mapsImport: Pick<MapsImport, 'check'>;
  readonly scheduler: Pick<Scheduler, 'start' | 'resume'>;
  readonly uploads: UploadStore;
}

/**
 * A job that takes in maps from elsewhere, once all that can be told without reading them is right: the same
 * import, where one was killed in the middle, goes on.
 */
export async function startMapsImport(
  { dataDir, jobs, mapsImport, scheduler, uploads }: Parts,
  asked: RouteParsed<'methods.import'>,
): Promise<{ job: Job }> {
  const images = await mapsImport.check(asked);
  const files: MapsInput['files'] = [];
  for (const [i, { upload, split, array }] of asked.files.entries()) {
    const { name: file } = uploads.get(upload);
    const folder = join(dataDir, 'downloads', `sent-maps-${upload}`);
    // The job may go on after a restart.
    const path = await uploads.keep(upload, folder);
    const sent = path.startsWith(folder) ? folder : null;
    files.push({ path, file, sent, split, array, images: valueAt(images, i) });
  }
  const { name, citation, dataset, model, constant } = asked;
  const input: MapsInput = { name, citation, dataset, model, constant, files };
  const begun = jobs
    .inState('parked')
    .filter(({ kind }) => kind === 'maps')
    .find(({ id }) => canonicalJson(jobs.input(id, mapsJobSchema)) === canonicalJson(input));
  if (begun) return { job: scheduler.resume(begun.id) };
  const stages = mapsStages.map(({ id, title, items }) => ({ id, title, items: items.length }));
  const title = `Import the maps of ${name}`;
  return { job: scheduler.start({ kind: 'maps', title, subject: null, input, stages }) };
}
