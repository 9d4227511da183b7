import { randomInt } from 'node:crypto';
import { type Catalogues } from '../../shared/catalogue/catalogues';
import { type ExportFile } from '../../shared/export-file';
import { type NewId } from '../../shared/ids';
import { type RouteOutput, type RouteParsed } from '../../shared/routes';
import { Looks } from './jobs/looks';
import { RunComparison } from './analysis/comparability';
import { ResultsExport } from './analysis/results-export';
import { ResultsService } from './analysis/results-service';
import { type ArtifactStore } from './artifacts/artifact-store';
import { computeIn, threadEntry } from './computation/thread';
import { type DatasetSources, DatasetArchives } from './datasets/archives';
import { importDataset } from './datasets/dataset-import';
import { DatasetInstalls } from './datasets/dataset-install';
import { datasetJob } from './datasets/dataset-job';
import { DatasetReader } from './datasets/dataset-reader';
import { importImages } from './datasets/images-import';
import { DatasetExports } from './datasets/dataset-exports';
import { exportJob } from './datasets/export-job';
import { ImagePreviews } from './datasets/image-previews';
import { imagesJob } from './datasets/images-job';
import { RefusedImages } from './datasets/refused-images';
import { ImageImports } from './datasets/image-imports';
import { SentImages } from './datasets/sent-images';
import { removeInstalled } from './datasets/dataset-removal';
import { DatasetRows } from './datasets/dataset-rows';
import { DatasetsService } from './datasets/datasets-service';
import { datasetSource } from './datasets/folders';
import { type EngineHost } from './engine/engine-host';
import { checkedSettings } from './evaluation/checked-settings';
import { degradedImages } from './evaluation/degraded-images';
import { exportMapSheet } from './evaluation/map-sheet-export';
import { MapSheetsService } from './evaluation/map-sheets';
import { fullProtocolOf } from './evaluation/full-protocol';
import { type Metrics } from './evaluation/metric';
import { roarJob } from './evaluation/roar-job';
import { RoarResults } from './evaluation/roar-results';
import { RoarService } from './evaluation/roar-service';
import { RunPlans } from './evaluation/roar/run-plans';
import { runArtifacts } from './evaluation/run-artifacts';
import { RunExports } from './evaluation/run-exports';
import { runLevels } from './evaluation/run-levels';
import { runResult } from './evaluation/run-result';
import { RunStatistics } from './evaluation/run-statistics';
import { RunsService } from './evaluation/runs-service';
import { sheetBlock } from './evaluation/sheet-block';
import { subjectOfDataset, subjectOfRun } from './evaluation/sheet-subjects';
import { EngineRequests } from './jobs/engine-requests';
import { type Events } from './jobs/events';
import { localExecutor } from './jobs/executors/local';
import { type Perform, runPlan } from './jobs/run-plan';
import { Scheduler } from './jobs/scheduler';
import { ExploreService } from './maps/explore';
import { MapsExportService } from './maps/export';
import { ImageMaps } from './maps/image-maps';
import { Coordinator, type AskedWork } from './machines/coordinator/coordinator';
import { type StartOwnWorker } from './machines/coordinator/own-worker';
import { createMachines } from './machines/create-machines';
import { type MachinesService } from './machines/machines-service';
import { OwnClass } from './machines/own-class';
import { ownWorkerProcess } from './machines/coordinator/own-worker-process';
import { type QueueTimes, queueTimes } from './machines/queue/settings';
import { importMapsJob } from './maps/import-job';
import { MapsImport } from './maps/import-maps';
import { MapLooks } from './maps/looks';
import { startMapsImport } from './maps/import-start';
import { MethodsService } from './maps/methods';
import { exportModel } from './models/model-export';
import { importModel, inspectWeightsFile } from './models/model-import';
import { predictionsOf } from './models/model-predictions';
import { removeModel } from './models/model-removal';
import { trainModel } from './models/model-training';
import { startingRecipe, type StartingRecipe } from './models/starting-weights';
import { ModelsService } from './models/models-service';
import { RatesService } from './models/rates';
import { testJob, testModel } from './models/test-job';
import { trainJob } from './models/train-job';
import { Trainings } from './models/trainings';
import { runClaims } from './paper/claims/computations';
import { ExperimentPlans } from './paper/experiment-plans';
import { ExperimentReports } from './paper/experiment-reports';
import { ExperimentStart } from './paper/experiment-start';
import { ExperimentStore } from './paper/experiment-store';
import { ExperimentsService } from './paper/experiments-service';
import { JudgedClaims } from './paper/judged-claims';
import { type Paper } from './paper/paper';
import { AnnotatorModeService } from './sessions/annotator-mode';
import { RatingService } from './sessions/rating-session';
import { RatingTrials } from './sessions/rating-trials';
import { RatingVisits } from './sessions/rating-visits';
import { BackupsService } from './storage/backups-service';
import { type Database } from './storage/database';
import { type Clock, type Log } from './storage/environment';
import { type InstalledFiles } from './storage/installed-files';
import { type Scratch } from './storage/scratch';
import { type ExportStore } from './storage/transit/export-store';
import { type UploadStore } from './storage/transit/upload-store';
import { type Stores } from './stores';
import { StudyArchives } from './studies/archive/write-archive';
import { RunFiles } from './studies/archive/run-files';
import { RunImport } from './studies/archive/run-import';
import { RatedMaps } from './studies/rated-maps';
import { RatersService } from './studies/raters-service';
import { RatingsErase } from './studies/ratings-erase';
import { RatingsExport } from './studies/ratings-export';
import { RatingsImport } from './studies/ratings-import';
import { StudiesService } from './studies/studies-service';
import { StudyCheck } from './studies/study-check';
import { StudyExport } from './studies/study-export';
import { StudyImport } from './studies/study-import';
import { studyJob } from './studies/study-job';
import { StudyPlans } from './studies/study-plan';
import { StudyPreparation } from './studies/study-preparation';
import { StudyPreviews } from './studies/study-preview';
import { StudyProgress } from './studies/study-progress';
import { StudyRemoval } from './studies/study-removal';

/** What the application stands on: storage, engine, events and the world outside. */
export interface Platform {
  readonly dataDir: string;
  readonly database: Database;
  readonly artifacts: ArtifactStore;
  /** Files on their way in. */
  readonly uploads: UploadStore;
  /** Files on their way out. */
  readonly exports: ExportStore;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  readonly catalogues: Catalogues;
  readonly metrics: Metrics;
  readonly datasetSources: DatasetSources;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly newId: NewId;
  readonly paper: () => Paper;
  readonly scratch: Scratch;
}

/** All that services may name as what they use; each names the few that it does. */
export type AppParts = Platform & Stores;

/** A use case whose parts it was given. */
type Given<F> = F extends (parts: never, ...asked: infer A) => infer R ? (...asked: A) => R : never;

export interface Services {
  readonly datasets: DatasetsService;
  readonly datasetInstalls: DatasetInstalls;
  readonly datasetExports: DatasetExports;
  readonly imagePreviews: ImagePreviews;
  readonly weightsLooks: Looks;
  readonly refusedImages: RefusedImages;
  readonly imageImports: ImageImports;
  /** Names of what was made with a dataset. */
  readonly datasetUsers: (dataset: string) => RouteOutput<'datasets.users'>;
  readonly removeDataset: Given<typeof removeInstalled>;
  readonly methods: MethodsService;
  readonly mapLooks: MapLooks;
  readonly startMapsImport: Given<typeof startMapsImport>;
  readonly models: ModelsService;
  readonly startFromModel: (input: RouteParsed<'models.startFrom'>) => Promise<StartingRecipe>;
  readonly trainModel: Given<typeof trainModel>;
  readonly inspectWeightsFile: Given<typeof inspectWeightsFile>;
  readonly importModel: Given<typeof importModel>;
  readonly testModel: Given<typeof testModel>;
  readonly predictionsOf: Given<typeof predictionsOf>;
  readonly exportModel: Given<typeof exportModel>;
  readonly removeModel: Given<typeof removeModel>;
  readonly explore: ExploreService;
  readonly coordinator: Coordinator;
  readonly machines: MachinesService;
  readonly mapsExport: MapsExportService;
  readonly mapSheets: MapSheetsService;
  readonly exportMapSheet: Given<typeof exportMapSheet>;
  readonly roar: RoarService;
  readonly roarResults: RoarResults;
  readonly runs: RunsService;
  readonly runExports: RunExports;
  readonly degradedImages: Given<typeof degradedImages>;
  readonly experiments: ExperimentsService;
  readonly experimentStart: ExperimentStart;
  readonly experimentReports: ExperimentReports;
  readonly studies: StudiesService;
  readonly studyPreviews: StudyPreviews;
  readonly studyPreparation: StudyPreparation;
  readonly studyRemoval: StudyRemoval;
  readonly raters: RatersService;
  readonly backups: BackupsService;
  readonly studyResults: ResultsService;
  readonly resultsExport: ResultsExport;
  readonly studyExport: StudyExport;
  readonly studyImport: StudyImport;
  readonly ratingsImport: RatingsImport;
  readonly ratingsExport: RatingsExport;
  readonly ratingsErase: RatingsErase;
  readonly rating: RatingService;
  readonly annotatorMode: AnnotatorModeService;
  readonly scheduler: Scheduler;
  /** A client is gone: what it looked at is given up. */
  leave(client: string): void;
  /** Parks the running job and stops whatever else is under way. */
  close(): Promise<void>;
}

/** How jobs are done, as far as the data directory does not say. */
export interface WorkOptions {
  /** Null: what the settings say. */
  readonly asked: AskedWork | null;
  readonly startOwnWorker: StartOwnWorker;
  readonly times: QueueTimes;
}

/** Every use case of the application, wired. */
export function createServices(parts: AppParts, asked: Partial<WorkOptions> = {}): Services {
  const work: WorkOptions = {
    asked: null,
    startOwnWorker: ownWorkerProcess(parts.files),
    times: queueTimes,
    ...asked,
  };
  const requests = new EngineRequests({
    artifacts: parts.artifacts,
    engine: parts.engine,
    scratch: parts.scratch,
    placeOf: (dataset) => datasetSource(parts, dataset),
  });
  const reader = new DatasetReader(requests);
  const datasets = new DatasetsService({ ...parts, reader, rows: new DatasetRows(parts) });
  const archives = new DatasetArchives(parts);
  const { runs, studies, metrics } = parts;
  const { fonts, resources } = parts.files;
  const methods = new MethodsService({
    catalogues: parts.catalogues,
    importedMaps: parts.importedMaps,
    methods: parts.methods,
    clock: parts.clock,
    events: parts.events,
    methodUsers: (method) => [...runs.usingMethod(method), ...studies.usingMethod(method)],
  });
  const rates = new RatesService(parts);
  const trainings = new Trainings(parts);
  const ownClass = new OwnClass(parts);
  const coordinator = new Coordinator({
    ...parts,
    asked: work.asked,
    datasets: {
      form: (dataset) => datasets.counts(dataset),
      folder: (dataset) => datasetSource(parts, dataset).datasetDir,
      contents: () => datasets.contents(),
    },
    here: localExecutor(requests),
    ownClass,
    startOwn: work.startOwnWorker,
    seed: randomInt(2 ** 32),
    times: work.times,
  });
  const perform: Perform = async (run, plan) => {
    const { executor, close } = await coordinator.open(run.job.id, run.signal);
    try {
      await runPlan({ ...parts, executor }, run, plan);
    } finally {
      await close();
    }
  };
  const statistics = new RunStatistics({
    ...parts,
    judge: (evidence, signal) =>
      computeIn(threadEntry(), runClaims, { evidence, resources }, signal),
    methods,
  });
  const ofRuns = { ...parts, datasets, methods, statistics };
  const results = new RoarResults({
    full: (run) => fullProtocolOf(ofRuns, run),
    levels: (run, { descriptor }) => runLevels(parts, run, descriptor),
    metrics,
    result: (run, metric, context) => runResult(ofRuns, run, metric, context),
    runs,
    statistics,
  });
  const summarise = async (run: string) => void (await results.result(run));
  const steps = { ...parts, summarise, trainings };
  const plans = new RunPlans({ engine: parts.engine, datasets, methods, metrics, steps });
  const importing = { ...parts, archives, requests };
  const mapsImport = new MapsImport({
    ...parts,
    datasets,
    methods,
    requests,
    stored: parts.methods,
  });
  const mapLooks = new MapLooks({ ...parts, mapsImport });
  const ratedMaps = new RatedMaps(parts);
  const studyCheck = new StudyCheck({ ...parts, datasets, methods });
  const studyPlans = new StudyPlans({ ...parts, datasets, methods, ratedMaps, studyCheck });
  const archivesMade = new Map<string, ExportFile>();
  const sentImages = new SentImages(parts);
  const scheduler = new Scheduler(parts, [
    exportJob({ ...parts, datasets, made: archivesMade, requests }),
    trainJob({ ...parts, perform, datasets, rates, trainings }),
    testJob({ ...parts, requests }),
    roarJob({ ...parts, perform, datasets, plans, rates, trainings }),
    studyJob({ ...parts, perform, datasets, ratedMaps, rates, studyPlans }),
    imagesJob({
      ...parts,
      sentImages,
      importImages: (job, input, context) =>
        importImages({ ...importing, datasets }, job, input, context),
    }),
    importMapsJob({ ...parts, mapsImport }),
    datasetJob({
      ...parts,
      archives,
      datasets,
      importDataset: (input, known, context) => importDataset(importing, input, known, context),
    }),
  ]);
  /** What starts from a model's weights, unless another model has the same. */
  const startedFrom = (model: string): string[] => {
    const sha256 = parts.models.get(model)?.sha256 ?? null;
    if (sha256 === null || parts.models.withWeights(sha256).length > 1) return [];
    const starts = runs.list().filter(({ settings }) => settings.recipe.init?.weights === sha256);
    return [...parts.models.startedFrom(sha256), ...starts.map(({ name }) => name)];
  };
  const modelUsers = (model: string) => [
    ...parts.models.runsUsing(model).flatMap((run) => runs.get(run)?.name ?? []),
    ...studies.usingModel(model),
    ...startedFrom(model),
    ...parts.imported.using('model', model),
  ];
  const starts = { ...parts, datasets };
  const imagePreviews = new ImagePreviews({ ...parts, requests });
  const weightsLooks = new Looks('file');
  const models = new ModelsService(parts);
  const { operators } = parts.catalogues;
  const imageMaps = new ImageMaps({ ...parts, operators, requests });
  const explore = new ExploreService({ ...parts, datasets, imageMaps, methods, models, requests });
  const rating = new RatingService({
    ...parts,
    trials: new RatingTrials(parts),
    visits: new RatingVisits(parts),
  });
  const namesOf = (records: readonly { readonly name: string }[]) =>
    records.map(({ name }) => name);
  const datasetUsers = (dataset: string) => ({
    models: namesOf(parts.models.list().filter((model) => model.dataset === dataset)),
    runs: namesOf(runs.list().filter(({ settings }) => settings.dataset === dataset)),
    studies: [...studies.usingDataset(dataset)],
    methods: [...parts.imported.using('dataset', dataset)],
  });
  const isNamed = (dataset: string) =>
    Object.values(datasetUsers(dataset)).some((names) => names.length > 0);
  const backups = new BackupsService(parts);
  const ratingsErase = new RatingsErase({ ...parts, backups });
  const comparison = new RunComparison({ ...parts, datasets, methods, roar: results });
  const studyResults = new ResultsService({ ...parts, comparison, datasets, methods });
  const resultsExport = new ResultsExport({ ...parts, fonts, results: studyResults });
  const runFiles = new RunFiles({ fonts, roar: results, runs });
  const machines = createMachines({ ...parts, work: coordinator });
  const roar = new RoarService({
    ...parts,
    checkedSettings: (input) => checkedSettings({ ...parts, datasets, methods, starts }, input),
    plans,
    rates,
    results,
    scheduler,
    workerRates: () => machines.rates(),
  });
  const claims = new JudgedClaims({ datasets, resources, results, runs, studyResults });
  const experimentStore = new ExperimentStore(parts);
  const experiments = new ExperimentsService({
    ...parts,
    claims,
    datasets,
    experimentStore,
    results,
  });
  const subjects = { ...parts, datasets, models };
  const maps = { ...parts, datasets, imageMaps, requests };
  const mapSheets = new MapSheetsService({
    block: (subject, images) => sheetBlock({ datasets, maps, methods }, subject, images),
    ofDataset: (dataset) => subjectOfDataset(subjects, dataset),
    ofRun: (run) => subjectOfRun(subjects, run),
    facts: (dataset, field) => datasets.facts(dataset, field),
    runOf: (run) => results.run(run),
    members: (experiment) => experiments.get(experiment).members,
  });
  return {
    datasets,
    datasetInstalls: new DatasetInstalls({ ...parts, archives, scheduler }),
    datasetExports: new DatasetExports({ datasets, made: archivesMade, scheduler }),
    imagePreviews,
    weightsLooks,
    refusedImages: new RefusedImages(parts),
    imageImports: new ImageImports({ ...parts, scheduler, sentImages }),
    datasetUsers,
    removeDataset: (dataset) =>
      removeInstalled({ ...parts, archives, datasets, isNamed, scheduler }, dataset),
    methods,
    mapLooks,
    startMapsImport: (input) => startMapsImport({ ...parts, mapsImport, scheduler }, input),
    models,
    startFromModel: async ({ dataset, model }) =>
      startingRecipe(starts, models.ready(model), await datasets.counts(dataset)),
    trainModel: (input) =>
      trainModel({ ...parts, datasets, models, scheduler, starts, trainings }, input),
    inspectWeightsFile: (input, file, signal) =>
      inspectWeightsFile({ ...parts, datasets, requests }, input, file, signal),
    importModel: (input, file) =>
      importModel({ ...parts, datasets, models, requests }, input, file),
    testModel: (model) => testModel({ models, scheduler }, model),
    predictionsOf: (input) => predictionsOf({ datasets, models, requests }, input),
    exportModel: (model) => exportModel({ ...parts, datasets, models }, model),
    removeModel: (model) =>
      removeModel({ ...parts, models, modelUsers, scheduler, stored: parts.models }, model),
    explore,
    coordinator,
    machines,
    mapsExport: new MapsExportService({ ...parts, datasets, methods, models, requests }),
    mapSheets,
    exportMapSheet: (input) => exportMapSheet({ ...parts, mapSheets }, input),
    roar,
    roarResults: results,
    runs: new RunsService({ ...parts, results, scheduler }),
    runExports: new RunExports({
      ...parts,
      artifactsOf: (run) => runArtifacts(parts, run),
      datasets,
      results,
    }),
    degradedImages: (input) => degradedImages({ ...parts, datasets, requests, results }, input),
    experiments,
    experimentStart: new ExperimentStart({
      ...parts,
      experimentStore,
      methods,
      plans: new ExperimentPlans({ ...parts, datasets }),
      roar,
      scheduler,
    }),
    experimentReports: new ExperimentReports({
      ...parts,
      claims,
      experimentStore,
      fonts,
      results,
    }),
    studies: new StudiesService({ ...parts, scheduler, studyCheck }),
    studyPreviews: new StudyPreviews({ operators: methods.operators, rates, studyCheck }),
    studyPreparation: new StudyPreparation({ ...parts, ratedMaps, scheduler, studyPlans }),
    studyRemoval: new StudyRemoval({ ...parts, ratingsErase, scheduler }),
    raters: new RatersService({ ...parts, studyProgress: new StudyProgress(parts.database) }),
    backups,
    ratingsImport: new RatingsImport(parts),
    ratingsExport: new RatingsExport(parts),
    studyResults,
    resultsExport,
    studyExport: new StudyExport({
      ...parts,
      archives: new StudyArchives({ ...parts, methods, runFiles }),
      results: (study) => resultsExport.archived(study),
    }),
    studyImport: new StudyImport({ ...parts, runImport: new RunImport(parts) }),
    ratingsErase,
    rating,
    annotatorMode: new AnnotatorModeService(parts),
    scheduler,
    leave(client) {
      for (const looks of [imagePreviews, weightsLooks, mapLooks]) looks.cancel(client);
    },
    async close() {
      explore.close();
      const looks = [imagePreviews.close(), weightsLooks.close(), mapLooks.close()];
      machines.close();
      rating.close();
      await scheduler.park();
      await Promise.all(looks);
      await coordinator.close();
      results.close();
      studyResults.close();
      claims.close();
    },
  };
}
