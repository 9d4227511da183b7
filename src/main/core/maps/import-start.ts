import { readdir, rm, stat } from 'node:fs/promises';
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

const sentPrefix = 'sent-maps-';
/** Milliseconds within which what was sent may still wait for its job. */
const fresh = 3_600_000;

/** Delete what was sent for imports that were cancelled or never began, and that nobody took up again. */
async function sweepSent(dataDir: string, jobs: Parts['jobs']): Promise<void> {
  const root = join(dataDir, 'downloads');
  const needed = new Set(
    jobs
      .inState('queued', 'running', 'cancelling', 'parked', 'failed')
      .filter(({ kind }) => kind === 'maps')
      .flatMap(({ id }) => jobs.input(id, mapsJobSchema).files.map(({ sent }) => sent)),
  );
  for (const name of await readdir(root).catch(() => [])) {
    const folder = join(root, name);
    if (!name.startsWith(sentPrefix) || needed.has(folder)) continue;
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > fresh) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A job that takes in maps from elsewhere, once all that can be told without reading them is right: the same
 * import, where one ended early, goes on.
 */
export async function startMapsImport(
  { dataDir, jobs, mapsImport, scheduler, uploads }: Parts,
  asked: RouteParsed<'methods.import'>,
): Promise<{ job: Job }> {
  const images = await mapsImport.check(asked);
  await sweepSent(dataDir, jobs);
  const files: MapsInput['files'] = [];
  for (const [i, { upload, split, array }] of asked.files.entries()) {
    const { name: file } = uploads.get(upload);
    const folder = join(dataDir, 'downloads', `${sentPrefix}${upload}`);
    // The job may go on after a restart.
    const path = await uploads.keep(upload, folder);
    const sent = path.startsWith(folder) ? folder : null;
    files.push({ path, file, sent, split, array, images: valueAt(images, i) });
  }
  const { name, citation, dataset, model, constant } = asked;
  const input: MapsInput = { name, citation, dataset, model, constant, files };
  const begun = jobs
    .inState('parked', 'cancelled', 'failed')
    .filter(({ kind }) => kind === 'maps')
    .findLast(({ id }) => canonicalJson(jobs.input(id, mapsJobSchema)) === canonicalJson(input));
  if (begun) return { job: scheduler.resume(begun.id) };
  const stages = mapsStages.map(({ id, title, items }) => ({ id, title, items: items.length }));
  const title = `Import the maps of ${name}`;
  return { job: scheduler.start({ kind: 'maps', title, subject: null, input, stages }) };
}
