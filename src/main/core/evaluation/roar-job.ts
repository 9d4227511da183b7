import { z } from 'zod';
import { notFound } from '../../../shared/errors';
import { runIdSchema } from '../../../shared/ids';
import { type DatasetsService } from '../datasets/datasets-service';
import { requireSameDataset } from '../datasets/same-dataset';
import { type Events } from '../jobs/events';
import { type Perform } from '../jobs/run-plan';
import { type JobKind } from '../jobs/scheduler';
import { type RatesService } from '../models/rates';
import { type Trainings } from '../models/trainings';
import { type RunPlans } from './roar/run-plans';
import { requireSameEngine } from './roar/same-engine';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly datasets: DatasetsService;
  readonly events: Events;
  readonly perform: Perform;
  readonly plans: RunPlans;
  readonly rates: RatesService;
  readonly runs: RunsRepository;
  readonly trainings: Trainings;
}

export const roarInputSchema = z.object({ run: runIdSchema });

/** RemOve And Retrain: what its protocol says, then the curves. */
export function roarJob(parts: Parts): JobKind {
  const { datasets, events, perform, plans, rates, runs, trainings } = parts;
  return {
    kind: 'roar',
    recovery: 'resume',
    async run(run) {
      const { id: job, stages } = run.job;
      const { run: id } = run.input(roarInputSchema);
      const record = runs.get(id);
      if (!record) throw notFound('run', id);
      const { settings } = record;
      const speed = await rates.stored(await plans.network(settings));
      const planned = await plans.plan(settings, speed, { run: id, job });
      const { plan, inputs, description } = planned;
      const done = stages.filter((stage) => stage.done > 0).map((stage) => stage.id);
      requireSameEngine(runs.engine(id), inputs.engine, settings, done);
      if (done.length > 0) {
        requireSameDataset(datasets, 'The run', runs.datasetKey(id), inputs.dataset);
      }
      runs.begin(id, description, inputs.dataset, inputs.images);
      await perform(run, plan);
    },
    datasets({ subject }) {
      const run = subject === null ? undefined : runs.get(subject);
      return run ? [run.settings.dataset] : [];
    },
    changed(job) {
      trainings.settle(job.id, job.state);
      if (job.subject !== null) events.emit({ type: 'run.changed', run: job.subject });
    },
  };
}
