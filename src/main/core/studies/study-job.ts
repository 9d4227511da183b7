import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import { type Method } from '../../../shared/catalogue/methods';
import { type Rates } from '../../../shared/engine';
import { conflict, type StudioError } from '../../../shared/errors';
import { studyIdSchema } from '../../../shared/ids';
import { type Job } from '../../../shared/jobs';
import { forHash, type StudyConfig } from '../../../shared/ratings/study';
import { adoptFile } from '../artifacts/adopt';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { artifactKey } from '../artifacts/artifacts';
import {
  engineKey,
  type EngineKey,
  type ImagesKey,
  isSameEngine,
  mapKey,
  storedEngineKey,
} from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { datasetSource } from '../datasets/folders';
import { requireSameDataset } from '../datasets/same-dataset';
import { type EngineHost } from '../engine/engine-host';
import { type RunsRepository } from '../evaluation/runs-repository';
import { cheapestFirst, gradientsOf } from '../jobs/costs';
import { type Events } from '../jobs/events';
import { type ItemResult, type JobRun } from '../jobs/job-run';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type StagePlan } from '../jobs/progress';
import { type JobKind } from '../jobs/scheduler';
import { type MethodsService } from '../maps/methods';
import { networkChoice, networkOf } from '../models/model-form';
import { type ModelsRepository } from '../models/models-repository';
import { type RatesService } from '../models/rates';
import { type RatingEventsRepository } from '../ratings/events-repository';
import { type Database } from '../storage/database';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { type StoredStudy, type StudiesRepository } from './studies-repository';
import { type CheckedDataset, type CheckedStudy, checkStudy } from './study-check';
import { storedStudy } from './study-record';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly dataDir: string;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  readonly jobs: JobsRepository;
  readonly models: ModelsRepository;
  readonly ratingEvents: RatingEventsRepository;
  readonly runs: RunsRepository;
  readonly scratch: Scratch;
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
      run.plan(studyStages(services.methods.operators, config, checked, rates), rates !== null);
      for (const [position, dataset] of checked.datasets.entries()) {
        const attempt: Attempt = { study: id, config, engine, dataset, position };
        await makePictures(parts, services.datasets, attempt, run);
        for (const method of cheapestFirst(services.methods.operators, checked.methods, config)) {
          await makeMap(parts, services, attempt, run, method);
        }
      }
      open(parts, id);
    },
    datasets({ subject }) {
      const study = subject === null ? undefined : parts.studies.get(subject);
      return study?.config?.datasets.map(({ dataset }) => dataset) ?? [];
    },
    changed: (job) => settleStudy(parts, job),
  };
}

interface Attempt {
  readonly study: string;
  readonly config: StudyConfig;
  readonly engine: EngineKey;
  readonly dataset: CheckedDataset;
  readonly position: number;
}

const picturesItem = 'pictures';

/** A stage for each dataset: its pictures, then one map for each method, the cheapest first. */
export function studyStages(
  operators: OperatorCatalogue,
  config: StudyConfig,
  { datasets, methods }: CheckedStudy,
  rates: ReadonlyMap<string, Rates> | null,
): StagePlan[] {
  return datasets.map(({ config: { dataset }, facts: { name }, images }) => {
    const speed = rates?.get(dataset) ?? { gradientsPerSecond: 1, forwardImagesPerSecond: 3 };
    const rated = images.filter(({ practice }) => !practice).length;
    const look = images.length / speed.forwardImagesPerSecond;
    return {
      id: dataset,
      title: `Maps of ${name}`,
      items: [
        { id: picturesItem, title: 'Images', cost: look },
        ...cheapestFirst(operators, methods, config).map((method) => ({
          id: mapItem(method.id),
          title: method.name,
          cost: (rated * gradientsOf(operators, method, config)) / speed.gradientsPerSecond + look,
        })),
      ],
    };
  });
}

function mapItem(method: string): string {
  return `map/${method}`;
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

/** Whether what was made of a study so far comes from an engine like this one. */
export function sameEngine(
  parts: Pick<Parts, 'models' | 'studies'>,
  study: string,
  engine: EngineKey,
): boolean {
  const { config } = storedStudy(parts, study);
  const making = { score: config?.parameters.score };
  return parts.studies.datasets(study).every((stored) => {
    const before = storedEngineKey(stored.engineKey);
    const chosen = config?.datasets.find(({ dataset }) => dataset === stored.dataset);
    const network = chosen && parts.models.get(chosen.model)?.architecture;
    return (
      before !== null && network !== undefined && isSameEngine(before, engine, network, making)
    );
  });
}

/** Whether the pictures and maps of a study were rated: then no others may take their place. */
function rated(parts: Pick<Parts, 'ratingEvents' | 'studies'>, study: string): boolean {
  return parts.studies.get(study)?.hash !== null && parts.ratingEvents.hasAny(study);
}

/** Refuse an engine whose maps would differ from those that were rated. */
export function requireRated(
  parts: Pick<Parts, 'models' | 'ratingEvents' | 'studies'>,
  study: string,
  engine: EngineKey,
): void {
  if (rated(parts, study) && !sameEngine(parts, study, engine)) throw otherMaps(parts, study);
}

function otherMaps(parts: Pick<Parts, 'studies'>, study: string): StudioError {
  return conflict(
    `The maps of ${storedStudy(parts, study).name} were rated, and those computed here would not be the same: compute them with the device, engine and files that made them, or make a new version of the study.`,
  );
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

async function makePictures(
  parts: Pick<
    Parts,
    'artifacts' | 'dataDir' | 'engine' | 'files' | 'ratingEvents' | 'scratch' | 'studies'
  >,
  datasets: DatasetsService,
  attempt: Attempt,
  run: JobRun,
): Promise<void> {
  const { study, dataset, position, engine } = attempt;
  const { dataset: id } = dataset.config;
  await run.item(id, picturesItem, async ({ signal }): Promise<ItemResult> => {
    const datasetKey = await datasets.key(id);
    const { classes } = await datasets.record(id);
    const indices = dataset.images.map(({ index }) => index);
    const images: ImagesKey = { dataset: datasetKey, split: 'validation', indices };
    const key = artifactKey('images', images);
    const before = parts.studies.datasets(study).find((stored) => stored.dataset === id);
    if (before && before.images !== key && rated(parts, study)) throw otherMaps(parts, study);
    const reused = await parts.artifacts.has(key);
    if (!reused) {
      await parts.scratch(async (outDir) => {
        const { files } = await parts.engine.request(
          'dataset-images',
          { ...datasetSource(parts, id), split: 'validation', indices, outDir },
          { lane: 'batch', signal },
        );
        await adoptFile(parts, outDir, files, 'images.npy', 'images', key);
      });
    }
    const rows = dataset.images.map(({ index, label, practice }, i) => ({
      ...{ position: i, image: String(index), label, practice },
    }));
    const commit = () => {
      parts.studies.putDataset(study, {
        ...{ dataset: id, position, modelSha256: dataset.model.sha256, classes, images: key },
        ...{ datasetKey: { dataset: id, files: [...datasetKey.files] }, engineKey: engine },
      });
      parts.studies.putImages(study, id, rows);
    };
    return { artifacts: [key], reused, commit };
  });
}

async function makeMap(
  parts: Pick<
    Parts,
    'artifacts' | 'dataDir' | 'engine' | 'files' | 'ratingEvents' | 'scratch' | 'studies'
  >,
  { datasets, methods }: Pick<StudyServices, 'datasets' | 'methods'>,
  attempt: Attempt,
  run: JobRun,
  method: Method,
): Promise<void> {
  const { study, config, dataset, engine } = attempt;
  const { dataset: id } = dataset.config;
  const { parameters, mapSeed: seed } = config;
  const { composition } = method;
  await run.item(id, mapItem(method.id), async (context): Promise<ItemResult> => {
    const indices = dataset.images.filter(({ practice }) => !practice).map(({ index }) => index);
    const images: ImagesKey = { dataset: await datasets.key(id), split: 'validation', indices };
    const key = mapKey(
      methods.operators,
      images,
      composition,
      parameters,
      seed,
      dataset.model,
      engine,
    );
    const before = parts.studies
      .maps(study)
      .find((stored) => stored.dataset === id && stored.method === method.id);
    if (before && before.artifact !== key && rated(parts, study)) throw otherMaps(parts, study);
    const reused = await parts.artifacts.has(key);
    if (!reused) {
      const model = await parts.artifacts.open(dataset.model.artifact);
      await parts.scratch(async (outDir) => {
        const { files } = await parts.engine.request(
          'maps',
          {
            ...datasetSource(parts, id),
            ...{ split: 'validation', indices, model, composition, parameters, seed, outDir },
          },
          { lane: 'batch', ...context },
        );
        await adoptFile(parts, outDir, files, 'map.npy', 'map', key);
      });
    }
    const map = { dataset: id, method: method.id, composition, artifact: key };
    return { artifacts: [key], reused, commit: () => parts.studies.putMap(study, map) };
  });
}

/** sha256 of the configuration and of the keys of all that raters are shown. */
export function studyHash(parts: Pick<Parts, 'studies'>, study: StoredStudy): string {
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
