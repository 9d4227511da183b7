import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import { datasetEntry, datasetIdSchema } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type Rates } from '../../../shared/engine';
import { type StudioError } from '../../../shared/errors';
import { studyIdSchema } from '../../../shared/ids';
import { type Job } from '../../../shared/jobs';
import { type StudyConfig, withoutRuns } from '../../../shared/ratings/study';
import { conflict, type Core, datasetSource } from '../core';
import { type DatasetsService } from '../datasets/datasets-service';
import { type MethodsService } from '../maps/methods';
import { networkOf } from '../models/model-form';
import { type RatesService } from '../models/rates';
import { type CheckedDataset, type CheckedStudy, checkStudy } from './study-check';
import { storedStudy } from './study-record';
import { artifactKey } from '../artifacts/artifacts';
import { type StoredStudy } from './studies-repository';
import { adoptFile } from '../artifacts/adopt';
import { cheapestFirst, gradientsOf } from '../jobs/costs';
import { type ItemResult, type JobRun } from '../jobs/job-run';
import {
  engineKey,
  type EngineKey,
  type ImagesKey,
  isSameEngine,
  mapKey,
  storedEngineKey,
} from '../artifacts/keys';
import { type StagePlan } from '../jobs/progress';
import { requireSameDataset } from '../datasets/same-dataset';
import { type JobKind } from '../jobs/scheduler';

export const studyInputSchema = z.object({ study: studyIdSchema });

export interface StudyServices {
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly rates: RatesService;
}

/** The pictures and maps of a study, frozen with it; at the end the study opens. */
export function studyJob(core: Core, services: StudyServices): JobKind {
  return {
    kind: 'study',
    recovery: 'resume',
    async run(run) {
      const { study: id } = core.jobs.input(run.job.id, studyInputSchema);
      const { config } = storedStudy(core, id);
      if (!config) throw conflict('An imported study has no maps to compute.');
      const checked = await checkStudy(core, services, config);
      const engine = engineKey(await core.engine.ready());
      requireRated(core, id, engine);
      requireSameEngine(core, id, run, engine);
      await requireSameDatasets(core, services.datasets, id, run);
      const rates = await ratesOf(services.rates, checked);
      run.plan(studyStages(config, checked, rates), rates !== null);
      for (const [position, dataset] of checked.datasets.entries()) {
        const attempt: Attempt = { study: id, config, engine, dataset, position };
        await makePictures(core, services.datasets, attempt, run);
        for (const method of cheapestFirst(checked.methods, config)) {
          await makeMap(core, services.datasets, attempt, run, method);
        }
      }
      open(core, id);
    },
    changed: (job) => settleStudy(core, job),
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
  config: StudyConfig,
  { datasets, methods }: CheckedStudy,
  rates: ReadonlyMap<string, Rates> | null,
): StagePlan[] {
  return datasets.map(({ config: { dataset }, images }) => {
    const { name } = datasetEntry(dataset);
    const speed = rates?.get(dataset) ?? { gradientsPerSecond: 1, forwardImagesPerSecond: 3 };
    const rated = images.filter(({ practice }) => !practice).length;
    const look = images.length / speed.forwardImagesPerSecond;
    return {
      id: dataset,
      title: `Maps of ${name}`,
      items: [
        { id: picturesItem, title: 'Images', cost: look },
        ...cheapestFirst(methods, config).map((method) => ({
          id: mapItem(method.id),
          title: method.name,
          cost: (rated * gradientsOf(method, config)) / speed.gradientsPerSecond + look,
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
  for (const { config, classes, model } of datasets) {
    const stored = await rates.stored(networkOf(config.dataset, classes, model.recipe));
    if (!stored) return null;
    found.set(config.dataset, stored);
  }
  return found;
}

/** Whether what was made of a study so far comes from an engine like this one. */
export function sameEngine(core: Core, study: string, engine: EngineKey): boolean {
  const making = { score: storedStudy(core, study).config?.parameters.score };
  return core.studies.datasets(study).every((stored) => {
    const before = storedEngineKey(stored.engineKey);
    const dataset = datasetIdSchema.parse(stored.dataset);
    return before !== null && isSameEngine(before, engine, dataset, making);
  });
}

/** Whether the pictures and maps of a study were rated: then no others may take their place. */
function rated(core: Core, study: string): boolean {
  return core.studies.get(study)?.hash !== null && core.ratingEvents.hasAny(study);
}

/** Refuse an engine whose maps would differ from those that were rated. */
export function requireRated(core: Core, study: string, engine: EngineKey): void {
  if (rated(core, study) && !sameEngine(core, study, engine)) throw otherMaps(core, study);
}

function otherMaps(core: Core, study: string): StudioError {
  return conflict(
    `The maps of ${storedStudy(core, study).name} were rated, and those computed here would not be the same: compute them with the device, engine and files that made them, or make a new version of the study.`,
  );
}

function requireSameEngine(core: Core, study: string, run: JobRun, engine: EngineKey): void {
  if (!run.job.stages.some((stage) => stage.done > 0) || sameEngine(core, study, engine)) return;
  throw conflict(
    'The maps of this study were begun on another device or with other settings of the engine, and all of them have to come from one: prepare the study again.',
  );
}

async function requireSameDatasets(
  core: Core,
  datasets: DatasetsService,
  study: string,
  run: JobRun,
): Promise<void> {
  for (const { datasetKey } of core.studies.datasets(study)) {
    if (!run.isDone(datasetKey.dataset, picturesItem)) continue;
    const content = await datasets.key(datasetKey.dataset);
    requireSameDataset('The preparation of this study', datasetKey, content);
  }
}

async function makePictures(
  core: Core,
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
    const before = core.studies.datasets(study).find((stored) => stored.dataset === id);
    if (before && before.images !== key && rated(core, study)) throw otherMaps(core, study);
    const reused = await core.artifacts.has(key);
    if (!reused) {
      await core.scratch(async (outDir) => {
        const { files } = await core.engine.request(
          'dataset-images',
          { ...datasetSource(core, id), split: 'validation', indices, outDir },
          { lane: 'batch', signal },
        );
        await adoptFile(core, outDir, files, 'images.npy', 'images', key);
      });
    }
    const rows = dataset.images.map(({ index, label, practice }, i) => ({
      ...{ position: i, image: String(index), label, practice },
    }));
    const commit = () => {
      core.studies.putDataset(study, {
        ...{ dataset: id, position, modelSha256: dataset.model.sha256, classes, images: key },
        ...{ datasetKey: { dataset: id, files: [...datasetKey.files] }, engineKey: engine },
      });
      core.studies.putImages(study, id, rows);
    };
    return { artifacts: [key], reused, commit };
  });
}

async function makeMap(
  core: Core,
  datasets: DatasetsService,
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
    const key = mapKey(images, composition, parameters, seed, dataset.model.sha256, engine);
    const before = core.studies
      .maps(study)
      .find((stored) => stored.dataset === id && stored.method === method.id);
    if (before && before.artifact !== key && rated(core, study)) throw otherMaps(core, study);
    const reused = await core.artifacts.has(key);
    if (!reused) {
      const model = await core.artifacts.open(dataset.model.artifact);
      await core.scratch(async (outDir) => {
        const { files } = await core.engine.request(
          'maps',
          {
            ...datasetSource(core, id),
            ...{ split: 'validation', indices, model, composition, parameters, seed, outDir },
          },
          { lane: 'batch', ...context },
        );
        await adoptFile(core, outDir, files, 'map.npy', 'map', key);
      });
    }
    const map = { dataset: id, method: method.id, composition, artifact: key };
    return { artifacts: [key], reused, commit: () => core.studies.putMap(study, map) };
  });
}

/** sha256 of the configuration and of the keys of all that raters are shown. */
export function studyHash(core: Pick<Core, 'studies'>, study: StoredStudy): string {
  const { studies } = core;
  const images = studies.datasets(study.id).map(({ dataset, images }) => ({ dataset, images }));
  const maps = studies
    .maps(study.id)
    .map(({ dataset, method, artifact }) => ({ dataset, method, artifact }));
  const text = canonicalJson({ config: study.config && withoutRuns(study.config), images, maps });
  return createHash('sha256').update(text).digest('hex');
}

/** Everything is there: raters may begin. A study that was rated before is as it was. */
function open(core: Core, id: string): void {
  core.database.transaction(() => {
    const study = storedStudy(core, id);
    const hash = studyHash(core, study);
    if (study.hash !== hash && rated(core, id)) throw otherMaps(core, id);
    core.studies.setHash(id, hash);
    core.studies.setState(id, study.closedAt === null ? 'open' : 'closed');
  });
}

/** Brings a study in line with the job that prepares it. */
function settleStudy(core: Core, job: Job): void {
  const study = job.subject === null ? undefined : core.studies.get(job.subject);
  if (study?.job !== job.id) return;
  const stopped = job.state === 'cancelled' || job.state === 'failed';
  if (job.state !== 'done') core.studies.setState(study.id, stopped ? 'draft' : 'preparing');
  core.events.emit({ type: 'study.changed', study: study.id });
}
