import { retrains } from '../../../shared/catalogue/roar';
import { type Core } from '../core';
import { reportItem } from '../jobs/costs';
import { unlessAborted } from '../jobs/job-run';
import { runPaper } from './roar/paper';
import { prepare, type RoarServices } from './roar/prepare';
import { runRetraining } from './roar/retrain';
import { type JobKind } from '../jobs/scheduler';
import { settleModels } from '../models/train-job';

/** RemOve And Retrain: what its protocol says, then the curves. */
export function roarJob(core: Core, services: RoarServices): JobKind {
  return {
    kind: 'roar',
    recovery: 'resume',
    async run(run) {
      const attempt = await prepare(core, services, run);
      if (retrains(attempt.settings.protocol)) await runRetraining(core, attempt, run);
      else await runPaper(core, attempt, run);
      await run.item('report', reportItem, async ({ signal }) => {
        // The statistics are shared with whoever looks at the run: a cancel stops waiting alone.
        await unlessAborted(signal, services.summarise(attempt.record.id));
        return { artifacts: [], reused: false };
      });
    },
    changed(job) {
      settleModels(core, job.id, job.state);
      if (job.subject !== null) core.events.emit({ type: 'run.changed', run: job.subject });
    },
  };
}
