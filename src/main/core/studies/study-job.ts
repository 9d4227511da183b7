import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import { type Rates } from '../../../shared/engine';
import { conflict } from '../../../shared/errors';
import { studyIdSchema } from '../../../shared/ids';
import { type Job } from '../../../shared/jobs';
import { forHash } from '../../../shared/ratings/study';
import { engineKey, type EngineKey } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { requireSameDataset } from '../datasets/same-dataset';
import { type EngineHost } from '../engine/engine-host';
import { type RunsRepository } from '../evaluation/runs-repository';
import { type Events } from '../jobs/events';
import { type JobRun } from '../jobs/job-run';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Perform } from '../jobs/run-plan';
import { type JobKind } from '../jobs/scheduler';
import { type MethodsService } from '../maps/methods';
import { networkChoice, networkOf } from '../models/model-form';
import { type ModelsRepository } from '../models/models-repository';
import { type RatesService } from '../models/rates';
import { type RatingEventsRepository } from '../ratings/events-repository';
import { type Database } from '../storage/database';
import { otherMaps, rated, requireRated, sameEngine } from './rated-maps';
import { type StoredStudy, type StudiesRepository } from './studies-repository';
import { type CheckedStudy, checkStudy } from './study-check';
import { picturesItem, studyPlan } from './study-plan';
import { storedStudy } from './study-record';

interface Parts {
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly jobs: JobsRepository;
  readonly models: ModelsRepository;
  readonly perform: Perform;
  readonly ratingEvents: RatingEventsRepository;
  readonly runs: RunsRepository;
  readonly studies: StudiesRepository;
}

export const studyInputSchema = z.object({ study: studyIdSchema });

export interface StudyServices {
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly rates: RatesService;
}

/** The pictures and maps of a study, frozen with it; at the end the study opens. */
export function studyJob(parts: Parts, services: StudyServices): JobKind {
  return {
    kind: 'study',
    recovery: 'resume',
    async run(run) {
      const { study: id } = parts.jobs.input(run.job.id, studyInputSchema);
      const { config } = storedStudy(parts, id);
      if (!config) throw conflict('An imported study has no maps to compute.');
      const checked = await checkStudy(parts, services, config);
      const engine = engineKey(await parts.engine.ready());
      requireRated(parts, id, engine);
      requireSameEngine(parts, id, run, engine);
      await requireSameDatasets(parts, services.datasets, id, run);
      const rates = await ratesOf(services.rates, checked);
      const asked = { study: id, config, checked, engine, rates };
      await parts.perform(run, await studyPlan(parts, services, asked));
      open(parts, id);
    },
    datasets({ subject }) {
      const study = subject === null ? undefined : parts.studies.get(subject);
      return study?.config?.datasets.map(({ dataset }) => dataset) ?? [];
    },
    changed: (job) => settleStudy(parts, job),
  };
}

async function ratesOf(
  rates: RatesService,
  { datasets }: CheckedStudy,
): Promise<Map<string, Rates> | null> {
  const found = new Map<string, Rates>();
  for (const { config, facts, model } of datasets) {
    const stored = await rates.stored(networkOf(facts, networkChoice(model)));
    if (!stored) return null;
    found.set(config.dataset, stored);
  }
  return found;
}

function requireSameEngine(
  parts: Pick<Parts, 'models' | 'studies'>,
  study: string,
  run: JobRun,
  engine: EngineKey,
): void {
  if (!run.job.stages.some((stage) => stage.done > 0) || sameEngine(parts, study, engine)) return;
  throw conflict(
    'The maps of this study were begun on another device or with other settings of the engine, and all of them have to come from one: prepare the study again.',
  );
}

async function requireSameDatasets(
  parts: Pick<Parts, 'studies'>,
  datasets: DatasetsService,
  study: string,
  run: JobRun,
): Promise<void> {
  for (const { datasetKey } of parts.studies.datasets(study)) {
    if (!run.isDone(datasetKey.dataset, picturesItem)) continue;
    const content = await datasets.key(datasetKey.dataset);
    requireSameDataset(datasets, 'The preparation of this study', datasetKey, content);
  }
}

/** sha256 of the configuration and of the keys of all that raters are shown. */
function studyHash(parts: Pick<Parts, 'studies'>, study: StoredStudy): string {
  const { studies } = parts;
  const images = studies.datasets(study.id).map(({ dataset, images }) => ({ dataset, images }));
  const maps = studies
    .maps(study.id)
    .map(({ dataset, method, artifact }) => ({ dataset, method, artifact }));
  const text = canonicalJson({ config: study.config && forHash(study.config), images, maps });
  return createHash('sha256').update(text).digest('hex');
}

/** Everything is there: raters may begin. A study that was rated before is as it was. */
function open(parts: Pick<Parts, 'database' | 'ratingEvents' | 'studies'>, id: string): void {
  parts.database.transaction(() => {
    const study = storedStudy(parts, id);
    const hash = studyHash(parts, study);
    if (study.hash !== hash && rated(parts, id)) throw otherMaps(parts, id);
    parts.studies.setHash(id, hash);
    parts.studies.setState(id, study.closedAt === null ? 'open' : 'closed');
  });
}

/** Brings a study in line with the job that prepares it. */
function settleStudy(parts: Pick<Parts, 'events' | 'studies'>, job: Job): void {
  const study = job.subject === null ? undefined : parts.studies.get(job.subject);
  if (study?.job !== job.id) return;
  const stopped = job.state === 'cancelled' || job.state === 'failed';
  if (job.state !== 'done') parts.studies.setState(study.id, stopped ? 'draft' : 'preparing');
  parts.events.emit({ type: 'study.changed', study: study.id });
}
