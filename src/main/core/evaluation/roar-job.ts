import { reportItem } from '../jobs/costs';
import { unlessAborted } from '../jobs/job-run';
import { type JobKind } from '../jobs/scheduler';
import { settleModels } from '../models/train-job';
import { type Metrics, type RunParts } from './metric';
import { prepare, type RoarServices } from './roar/prepare';

/** A run: what its metric does, then the results. */
export function roarJob(parts: RunParts, metrics: Metrics, services: RoarServices): JobKind {
  return {
    kind: 'roar',
    recovery: 'resume',
    async run(run) {
      const attempt = await prepare(parts, services, run);
      await metrics.get(attempt.settings.protocol).run(parts, attempt, run);
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
