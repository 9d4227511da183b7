import { retrains } from '../../../shared/catalogue/roar';
import { type NewId } from '../../../shared/ids';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type EngineHost } from '../engine/engine-host';
import { reportItem } from '../jobs/costs';
import { type Events } from '../jobs/events';
import { unlessAborted } from '../jobs/job-run';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type JobKind } from '../jobs/scheduler';
import { type ModelsRepository } from '../models/models-repository';
import { settleModels } from '../models/train-job';
import { type Database } from '../storage/database';
import { type Clock } from '../storage/environment';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { type RetrainedRepository } from './retrained-repository';
import { runPaper } from './roar/paper';
import { prepare, type RoarServices } from './roar/prepare';
import { runRetraining } from './roar/retrain';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  readonly jobs: JobsRepository;
  readonly models: ModelsRepository;
  readonly newId: NewId;
  readonly retrained: RetrainedRepository;
  readonly runs: RunsRepository;
  readonly scratch: Scratch;
}

/** RemOve And Retrain: what its protocol says, then the curves. */
export function roarJob(parts: Parts, services: RoarServices): JobKind {
  return {
    kind: 'roar',
    recovery: 'resume',
    async run(run) {
      const attempt = await prepare(parts, services, run);
      if (retrains(attempt.settings.protocol)) await runRetraining(parts, attempt, run);
      else await runPaper(parts, attempt, run);
      await run.item('report', reportItem, async ({ signal }) => {
        // The statistics are shared with whoever looks at the run: a cancel stops waiting alone.
        await unlessAborted(signal, services.summarise(attempt.record.id));
        return { artifacts: [], reused: false };
      });
    },
    datasets({ subject }) {
      const run = subject === null ? undefined : parts.runs.get(subject);
      return run ? [run.settings.dataset] : [];
    },
    changed(job) {
      settleModels(parts, job.id, job.state);
      if (job.subject !== null) parts.events.emit({ type: 'run.changed', run: job.subject });
    },
  };
}
