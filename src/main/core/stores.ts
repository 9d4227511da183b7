import { type ArtifactStore } from './artifacts/artifact-store';
import { DatasetsRepository } from './datasets/datasets-repository';
import { RetrainedRepository } from './evaluation/retrained-repository';
import { RunsRepository } from './evaluation/runs-repository';
import { type Events } from './jobs/events';
import { JobsRepository } from './jobs/jobs-repository';
import { ExploreCacheRepository } from './maps/explore-cache';
import { ImportedMaps } from './maps/imported-maps';
import { ImportedRepository } from './maps/imported-repository';
import { MethodsRepository } from './maps/methods-repository';
import { ModelsRepository } from './models/models-repository';
import { RatesRepository } from './models/rates-repository';
import { ExperimentsRepository } from './paper/experiments-repository';
import { RatingEventsRepository } from './ratings/events-repository';
import { type Database } from './storage/database';
import { AnnotatorModeRepository } from './studies/annotator-mode-repository';
import { RatersRepository } from './studies/raters-repository';
import { StudiesRepository } from './studies/studies-repository';
import { StudyLogRepository } from './studies/study-log';
import { StudyStore } from './studies/study-store';

/** Every room's repository over one database, and what reads the files that their rows name. */
export function createStores(database: Database, events: Events, artifacts: ArtifactStore) {
  const ofStudies = {
    studies: new StudiesRepository(database),
    studyLog: new StudyLogRepository(database),
    raters: new RatersRepository(database),
    ratingEvents: new RatingEventsRepository(database),
  };
  const imported = new ImportedRepository(database);
  return {
    jobs: new JobsRepository(database),
    datasets: new DatasetsRepository(database),
    models: new ModelsRepository(database),
    runs: new RunsRepository(database),
    retrained: new RetrainedRepository(database),
    experiments: new ExperimentsRepository(database),
    imported,
    importedMaps: new ImportedMaps({ artifacts, imported }),
    methods: new MethodsRepository(database, imported),
    rates: new RatesRepository(database),
    exploreCache: new ExploreCacheRepository(database),
    ...ofStudies,
    studyStore: new StudyStore(database, events, ofStudies),
    annotatorMode: new AnnotatorModeRepository(database),
  };
}

export type Stores = ReturnType<typeof createStores>;
