import { z } from 'zod';
import { notFound } from '../../../shared/errors';
import { runIdSchema } from '../../../shared/ids';
import { engineKey } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { requireSameDataset } from '../datasets/same-dataset';
import { type EngineHost } from '../engine/engine-host';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Perform } from '../jobs/run-plan';
import { type JobKind } from '../jobs/scheduler';
import { type RatesService } from '../models/rates';
import { type Trainings } from '../models/trainings';
import { type RunPlans } from './roar/run-plans';
import { requireSameEngine } from './roar/same-engine';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly engine: EngineHost;
  readonly events: Events;
  readonly jobs: JobsRepository;
  readonly perform: Perform;
  readonly runs: RunsRepository;
}

interface Services {
  readonly datasets: DatasetsService;
  readonly plans: RunPlans;
  readonly rates: RatesService;
  readonly trainings: Trainings;
}

export const roarInputSchema = z.object({ run: runIdSchema });

/** RemOve And Retrain: what its protocol says, then the curves. */
export function roarJob(parts: Parts, services: Services): JobKind {
  const { engine, events, jobs, perform, runs } = parts;
  const { datasets, plans, rates, trainings } = services;
  return {
    kind: 'roar',
    recovery: 'resume',
    async run(run) {
      const { id: job, stages } = run.job;
      const { run: id } = jobs.input(job, roarInputSchema);
      const record = runs.get(id);
      if (!record) throw notFound('run', id);
      const { settings } = record;
      const description = await engine.ready();
      const done = stages.filter((stage) => stage.done > 0).map((stage) => stage.id);
      requireSameEngine(runs.engine(id), engineKey(description), settings, done);
      const dataset = await datasets.key(settings.dataset);
      if (done.length > 0) requireSameDataset(datasets, 'The run', runs.datasetKey(id), dataset);
      const speed = await rates.stored(await plans.network(settings));
      const { plan, inputs } = await plans.plan(settings, speed, { run: id, job });
      runs.begin(id, description, dataset, inputs.images);
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
