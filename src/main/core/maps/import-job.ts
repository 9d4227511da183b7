import { rm } from 'node:fs/promises';
import { type ErrorCode, StudioError } from '../../../shared/errors';
import { mapsJobSchema } from '../../../shared/routes';
import { forgetBegun, inBegunFolder } from '../datasets/begun-imports';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type StagePlan } from '../jobs/progress';
import { type JobKind } from '../jobs/scheduler';
import { type MapsImport, type MapsInput } from './import-maps';

interface Parts {
  readonly events: Events;
  readonly jobs: JobsRepository;
  readonly dataDir: string;
  readonly mapsImport: Pick<MapsImport, 'read' | 'store'>;
}

/** Faults of the files themselves. */
const refusals: ReadonlySet<ErrorCode> = new Set(['invalid-input', 'corrupt-file', 'conflict']);

export const mapsStages: readonly StagePlan[] = [
  {
    id: 'import',
    title: 'Import',
    items: [
      { id: 'maps', title: 'Reading the maps', cost: 2 },
      { id: 'store', title: 'Storing the maps', cost: 1 },
    ],
  },
];

/** Takes in maps that were made elsewhere. Which method they are follows from their content, at the end. */
export function importMapsJob({ dataDir, events, jobs, mapsImport }: Parts): JobKind {
  return {
    kind: 'maps',
    // What is read lies in a folder of the job's: its attempts go on from there.
    recovery: 'resume',
    async run(run) {
      const input = run.input(mapsJobSchema);
      run.plan(mapsStages, false);
      try {
        await inBegunFolder(dataDir, run.job.id, async (folder) => {
          await run.item('import', 'maps', async (context) => {
            await mapsImport.read(input, folder, context);
            return { artifacts: [], reused: false };
          });
          await run.item('import', 'store', async (context) => {
            // Of what was read a list alone, unless a cancel took it away: then it is read again.
            const { signal } = context;
            const read = await mapsImport.read(input, folder, {
              signal,
              report(progress) {
                if (progress.done < progress.total) context.report(progress);
              },
            });
            const { method, artifacts, commit } = await mapsImport.store(input, read, context);
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
        });
      } catch (error) {
        // What was refused is refused again; what was stopped, or found no room, goes on with the same files.
        if (error instanceof StudioError && refusals.has(error.data.code)) {
          await forget(input);
          forgetBegun(dataDir, run.job.id);
        }
        throw error;
      }
      await forget(input);
    },
    datasets: (job) => [jobs.input(job.id, mapsJobSchema).dataset],
    changed(job) {
      // Parked or killed it goes on; cancelled, nothing of it stays.
      if (job.state === 'cancelled') forgetBegun(dataDir, job.id);
      if (job.state === 'done') events.emit({ type: 'methods.changed' });
    },
  };
}

/** Delete what was sent; a file that was read where it lies stays. */
async function forget({ files }: MapsInput): Promise<void> {
  for (const { sent } of files) if (sent !== null) await rm(sent, { recursive: true, force: true });
}
