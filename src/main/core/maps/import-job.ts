import { rm } from 'node:fs/promises';
import { StudioError } from '../../../shared/errors';
import { mapsJobSchema } from '../../../shared/routes';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type StagePlan } from '../jobs/progress';
import { type JobKind } from '../jobs/scheduler';
import { type MapsImport, type MapsInput } from './import-maps';

interface Parts {
  readonly events: Events;
  readonly jobs: JobsRepository;
  readonly mapsImport: Pick<MapsImport, 'take'>;
}

export const mapsStages: readonly StagePlan[] = [
  {
    id: 'import',
    title: 'Import',
    items: [{ id: 'maps', title: 'Reading the maps', cost: 1 }],
  },
];

/** Takes in maps that were made elsewhere. Which method they are follows from their content, at the end. */
export function importMapsJob({ events, jobs, mapsImport }: Parts): JobKind {
  return {
    kind: 'maps',
    // What was begun is in a scratch folder: it begins anew.
    recovery: 'resume',
    async run(run) {
      const input = run.input(mapsJobSchema);
      run.plan(mapsStages, false);
      try {
        await run.item('import', 'maps', async (context) => {
          const { method, artifacts, commit } = await mapsImport.take(input, context);
          return {
            artifacts: [...artifacts],
            reused: false,
            commit() {
              commit();
              jobs.setSubject(run.job.id, method);
            },
            announce: [{ type: 'methods.changed' }],
          };
        });
      } catch (error) {
        // What was refused is refused again; what was stopped goes on with the same files.
        if (error instanceof StudioError && error.data.code !== 'cancelled') await forget(input);
        throw error;
      }
      await forget(input);
    },
    datasets: (job) => [jobs.input(job.id, mapsJobSchema).dataset],
    changed(job) {
      if (job.state === 'done') events.emit({ type: 'methods.changed' });
    },
  };
}

/** Delete what was sent; a file that was read where it lies stays. */
async function forget({ files }: MapsInput): Promise<void> {
  for (const { sent } of files) if (sent !== null) await rm(sent, { recursive: true, force: true });
}
