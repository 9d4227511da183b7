import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import { conflict } from '../../../shared/errors';
import { studyIdSchema } from '../../../shared/ids';
import { type Job } from '../../../shared/jobs';
import { forHash } from '../../../shared/ratings/study';
import { type DatasetsService } from '../datasets/datasets-service';
import { requireSameDataset } from '../datasets/same-dataset';
import { type Speed } from '../jobs/costs';
import { type JobRun } from '../jobs/job-run';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Perform } from '../jobs/run-plan';
import { type JobKind } from '../jobs/scheduler';
import { networkOfModel } from '../models/model-form';
import { type RatesService } from '../models/rates';
import { type RatedMaps } from './rated-maps';
import { type StoredStudy } from './studies-repository';
import { type CheckedStudy } from './study-check';
import { picturesItem, type StudyInputs, type StudyPlans } from './study-plan';
import { type StudyStore } from './study-store';

interface Parts {
  readonly datasets: DatasetsService;
  readonly jobs: JobsRepository;
  readonly perform: Perform;
  readonly ratedMaps: RatedMaps;
  readonly rates: RatesService;
  readonly studyPlans: StudyPlans;
  readonly studyStore: StudyStore;
}

export const studyInputSchema = z.object({ study: studyIdSchema });

/** The pictures and maps of a study, frozen with it; at the end the study opens. */
export function studyJob(parts: Parts): JobKind {
  const { studyPlans, studyStore } = parts;
  return {
    kind: 'study',
    recovery: 'resume',
    async run(run) {
      const { study: id } = parts.jobs.input(run.job.id, studyInputSchema);
      const { config } = studyStore.study(id);
      if (!config) throw conflict('An imported study has no maps to compute.');
      const inputs = await studyPlans.inputs(id, config);
      requireSameEngine(parts.ratedMaps, run, inputs);
      await requireSameDatasets(parts, id, run);
      const rates = await ratesOf(parts.rates, inputs.checked);
      await parts.perform(run, await studyPlans.plan(inputs, rates));
      open(parts, id);
    },
    datasets({ subject }) {
      const study = subject === null ? undefined : studyStore.studies.get(subject);
      return study?.config?.datasets.map(({ dataset }) => dataset) ?? [];
    },
    changed: (job) => settleStudy(studyStore, job),
  };
}

async function ratesOf(
  rates: RatesService,
  { datasets }: CheckedStudy,
): Promise<Map<string, Speed> | null> {
  const found = new Map<string, Speed>();
  for (const { config, facts, model } of datasets) {
    const stored = await rates.stored(networkOfModel(facts, model));
    if (!stored) return null;
    found.set(config.dataset, stored);
  }
  return found;
}

function requireSameEngine(
  ratedMaps: RatedMaps,
  run: JobRun,
  { study, engine }: StudyInputs,
): void {
  if (!run.job.stages.some((stage) => stage.done > 0) || ratedMaps.sameEngine(study, engine))
    return;
  throw conflict(
    'The maps of this study were begun on another device or with other settings of the engine, and all of them have to come from one: prepare the study again.',
  );
}

async function requireSameDatasets(
  { datasets, studyStore }: Pick<Parts, 'datasets' | 'studyStore'>,
  study: string,
  run: JobRun,
): Promise<void> {
  for (const { datasetKey } of studyStore.studies.datasets(study)) {
    if (!run.isDone(datasetKey.dataset, picturesItem)) continue;
    const content = await datasets.key(datasetKey.dataset);
    requireSameDataset(datasets, 'The preparation of this study', datasetKey, content);
  }
}

/** sha256 of the configuration and of the keys of all that raters are shown. */
function studyHash({ studies }: StudyStore, study: StoredStudy): string {
  const images = studies.datasets(study.id).map(({ dataset, images }) => ({ dataset, images }));
  const maps = studies
    .maps(study.id)
    .map(({ dataset, method, artifact }) => ({ dataset, method, artifact }));
  const text = canonicalJson({ config: study.config && forHash(study.config), images, maps });
  return createHash('sha256').update(text).digest('hex');
}

/** Everything is there: raters may begin. A study that was rated before is as it was. */
function open(
  { ratedMaps, studyStore }: Pick<Parts, 'ratedMaps' | 'studyStore'>,
  id: string,
): void {
  studyStore.transaction(() => {
    const study = studyStore.study(id);
    const hash = studyHash(studyStore, study);
    ratedMaps.requireSame(id, study.hash === hash);
    studyStore.studies.setHash(id, hash);
    studyStore.studies.setState(id, study.closedAt === null ? 'open' : 'closed');
  });
}

/** Brings a study in line with the job that prepares it. */
function settleStudy(store: StudyStore, job: Job): void {
  const study = job.subject === null ? undefined : store.studies.get(job.subject);
  if (study?.job !== job.id) return;
  const stopped = job.state === 'cancelled' || job.state === 'failed';
  if (job.state !== 'done') store.studies.setState(study.id, stopped ? 'draft' : 'preparing');
  store.announce(study.id);
}
