import { type Catalogues } from '../../shared/catalogue/catalogues';
import { type NewId } from '../../shared/ids';
import { ResultsService } from './analysis/results-service';
import { type ArtifactStore } from './artifacts/artifact-store';
import { computeIn, threadEntry } from './computation/thread';
import { DatasetInstalls } from './datasets/dataset-install';
import { datasetJob } from './datasets/dataset-job';
import { DatasetsService } from './datasets/datasets-service';
import { datasetSource } from './datasets/folders';
import { type DatasetSources } from './datasets/sources';
import { type EngineHost } from './engine/engine-host';
import { type Metrics } from './evaluation/metric';
import { MapSheetsService } from './evaluation/map-sheets';
import { roarJob } from './evaluation/roar-job';
import { RoarResults } from './evaluation/roar-results';
import { RoarService } from './evaluation/roar-service';
import { RunPlans } from './evaluation/roar/run-plans';
import { type Events } from './jobs/events';
import { localExecutor } from './jobs/executors/local';
import { type Perform, runPlan } from './jobs/run-plan';
import { Scheduler } from './jobs/scheduler';
import { ExploreService } from './maps/explore';
import { MapsExportService } from './maps/export';
import { MethodsService } from './maps/methods';
import { ModelsService } from './models/models-service';
import { RatesService } from './models/rates';
import { trainJob } from './models/train-job';
import { Trainings } from './models/trainings';
import { runClaims } from './paper/claims/computations';
import { ExperimentsService } from './paper/experiments-service';
import { type Paper } from './paper/paper';
import { AnnotatorModeService } from './sessions/annotator-mode';
import { RatingService } from './sessions/rating-session';
import { BackupsService } from './storage/backups-service';
import { type Database } from './storage/database';
import { type Clock, type Log } from './storage/environment';
import { type InstalledFiles } from './storage/installed-files';
import { type Scratch } from './storage/scratch';
import { type ExportStore } from './storage/transit/export-store';
import { type UploadStore } from './storage/transit/upload-store';
import { type Stores } from './stores';
import { RatersService } from './studies/raters-service';
import { RatingsErase } from './studies/ratings-erase';
import { RatingsExport } from './studies/ratings-export';
import { RatingsImport } from './studies/ratings-import';
import { StudiesService } from './studies/studies-service';
import { StudyArchiveService } from './studies/study-archive';
import { studyJob } from './studies/study-job';

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

export interface Services {
  readonly datasets: DatasetsService;
  readonly datasetInstalls: DatasetInstalls;
  readonly methods: MethodsService;
  readonly models: ModelsService;
  readonly explore: ExploreService;
  readonly mapsExport: MapsExportService;
  readonly mapSheets: MapSheetsService;
  readonly roar: RoarService;
  readonly experiments: ExperimentsService;
  readonly studies: StudiesService;
  readonly raters: RatersService;
  readonly backups: BackupsService;
  readonly studyResults: ResultsService;
  readonly studyArchive: StudyArchiveService;
  readonly ratingsImport: RatingsImport;
  readonly ratingsExport: RatingsExport;
  readonly ratingsErase: RatingsErase;
  readonly rating: RatingService;
  readonly annotatorMode: AnnotatorModeService;
  readonly scheduler: Scheduler;
  /** Parks the running job and stops whatever else is under way. */
  close(): Promise<void>;
}

/** Every use case of the application, wired. */
export function createServices(parts: AppParts): Services {
  const datasets = new DatasetsService(parts);
  const { runs, studies, metrics } = parts;
  const methods = new MethodsService({
    catalogues: parts.catalogues,
    methods: parts.methods,
    clock: parts.clock,
    methodUsers: (method) => [...runs.usingMethod(method), ...studies.usingMethod(method)],
  });
  const rates = new RatesService(parts);
  const trainings = new Trainings(parts);
  const executor = localExecutor({
    artifacts: parts.artifacts,
    engine: parts.engine,
    scratch: parts.scratch,
    placeOf: ({ dataset }) => datasetSource(parts, dataset),
  });
  const perform: Perform = (run, plan) => runPlan({ ...parts, executor }, run, plan);
  const results = new RoarResults(parts, {
    datasets,
    metrics,
    methods,
    judge: (evidence, signal) =>
      computeIn(threadEntry(), runClaims, { evidence, resources: parts.files.resources }, signal),
  });
  const summarise = async (run: string) => void (await results.result(run));
  const plans = new RunPlans(
    { ...parts, summarise, trainings },
    {
      datasets,
      methods,
      metrics,
    },
  );
  const scheduler = new Scheduler(parts, [
    trainJob({ ...parts, perform }, { datasets, rates, trainings }),
    roarJob({ ...parts, perform }, { datasets, plans, rates, trainings }),
    studyJob({ ...parts, perform }, { datasets, methods, rates }),
    datasetJob(parts, datasets),
  ]);
  const modelUsers = (model: string) => [
    ...parts.models.runsUsing(model).flatMap((run) => runs.get(run)?.name ?? []),
    ...studies.usingModel(model),
  ];
  const models = new ModelsService({ ...parts, modelUsers, trainings }, datasets, scheduler);
  const explore = new ExploreService(parts, { datasets, methods, models });
  const rating = new RatingService(parts);
  const backups = new BackupsService(parts);
  const ratingsErase = new RatingsErase(parts, backups);
  const ratingsExport = new RatingsExport(parts);
  const studyResults = new ResultsService(parts, { datasets, methods, roar: results });
  const roar = new RoarService(parts, {
    datasets,
    methods,
    metrics,
    plans,
    rates,
    results,
    scheduler,
  });
  const experiments = new ExperimentsService(parts, {
    datasets,
    methods,
    roar,
    results,
    studyResults,
    scheduler,
  });
  return {
    datasets,
    datasetInstalls: new DatasetInstalls(parts, datasets, scheduler),
    methods,
    models,
    explore,
    mapsExport: new MapsExportService(parts, { datasets, methods, models }),
    mapSheets: new MapSheetsService(parts, {
      datasets,
      methods,
      models,
      results,
      members: (experiment) => experiments.get(experiment).members,
      reference: () => parts.paper().reference,
    }),
    roar,
    experiments,
    studies: new StudiesService(parts, { datasets, methods, rates, scheduler, ratingsErase }),
    raters: new RatersService(parts),
    backups,
    ratingsImport: new RatingsImport(parts),
    ratingsExport,
    studyResults,
    studyArchive: new StudyArchiveService(parts, {
      methods,
      roar: results,
      ratingsExport,
      results: (study) => studyResults.archived(study),
    }),
    ratingsErase,
    rating,
    annotatorMode: new AnnotatorModeService(parts),
    scheduler,
    async close() {
      explore.close();
      rating.close();
      await scheduler.park();
      results.close();
      studyResults.close();
      experiments.close();
    },
  };
}
