import { datasetJob } from './datasets/dataset-job';
import { roarJob } from './evaluation/roar-job';
import { Scheduler } from './jobs/scheduler';
import { studyJob } from './studies/study-job';
import { trainJob } from './models/train-job';
import { AnnotatorModeService } from './sessions/annotator-mode';
import { BackupsService } from './storage/backups-service';
import { type Core } from './core';
import { DatasetInstalls } from './datasets/dataset-install';
import { DatasetsService } from './datasets/datasets-service';
import { ExperimentsService } from './paper/experiments-service';
import { ExploreService } from './maps/explore';
import { MapSheetsService } from './maps/sheets';
import { MapsExportService } from './maps/export';
import { MethodsService } from './maps/methods';
import { ModelsService } from './models/models-service';
import { RatersService } from './studies/raters-service';
import { RatesService } from './models/rates';
import { RatingsErase } from './ratings/erase';
import { RatingsExport } from './ratings/export';
import { RatingsImport } from './ratings/import';
import { RatingService } from './sessions/rating-session';
import { ResultsService } from './analysis/results-service';
import { RoarService } from './evaluation/roar-service';
import { RoarResults } from './evaluation/roar-results';
import { StudiesService } from './studies/studies-service';
import { StudyArchiveService } from './studies/study-archive';

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
export function createServices(core: Core): Services {
  const datasets = new DatasetsService(core);
  const methods = new MethodsService(core);
  const rates = new RatesService(core);
  const results = new RoarResults(core, methods, datasets);
  const summarise = async (run: string) => void (await results.result(run));
  const scheduler = new Scheduler(core, [
    trainJob(core, datasets, rates),
    roarJob(core, { datasets, methods, rates, summarise }),
    studyJob(core, { datasets, methods, rates }),
    datasetJob(core, datasets),
  ]);
  const models = new ModelsService(core, datasets, scheduler);
  const explore = new ExploreService(core, { datasets, methods, models });
  const rating = new RatingService(core);
  const backups = new BackupsService(core);
  const ratingsErase = new RatingsErase(core, backups);
  const ratingsExport = new RatingsExport(core);
  const studyResults = new ResultsService(core, { methods, roar: results });
  const roar = new RoarService(core, { datasets, methods, rates, results, scheduler });
  const experiments = new ExperimentsService(core, {
    ...{ datasets, methods, roar, results, studyResults, scheduler },
  });
  return {
    datasets,
    datasetInstalls: new DatasetInstalls(core, datasets, scheduler),
    methods,
    models,
    explore,
    mapsExport: new MapsExportService(core, { datasets, methods, models }),
    mapSheets: new MapSheetsService(core, { datasets, methods, models, results, experiments }),
    roar,
    experiments,
    studies: new StudiesService(core, { datasets, methods, rates, scheduler, ratingsErase }),
    raters: new RatersService(core),
    backups,
    ratingsImport: new RatingsImport(core),
    ratingsExport,
    studyResults,
    studyArchive: new StudyArchiveService(core, {
      ...{ methods, roar: results, ratingsExport, results: studyResults },
    }),
    ratingsErase,
    rating,
    annotatorMode: new AnnotatorModeService(core),
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
