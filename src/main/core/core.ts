import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatasetId, type DatasetSource } from '../../shared/catalogue/datasets';
import { StudioError } from '../../shared/errors';
import { type IdPrefix } from '../../shared/ids';
import { datasetFolder } from './datasets/folders';
import { type Clock, type Log } from './environment';
import { type Events } from './jobs/events';
import { type InstalledFiles } from './storage/installed-files';
import { type EngineHost } from './engine/engine-host';
import { type Paper } from './paper/paper';
import { type AnnotatorModeRepository } from './studies/annotator-mode-repository';
import { type ArtifactStore } from './artifacts/artifact-store';
import { type Database } from './storage/database';
import { type ExperimentsRepository } from './paper/experiments-repository';
import { type ExploreCacheRepository } from './maps/explore-cache';
import { type ExportStore } from './storage/transit/export-store';
import { type JobsRepository } from './jobs/jobs-repository';
import { type MethodsRepository } from './maps/methods-repository';
import { type ModelsRepository } from './models/models-repository';
import { type RatersRepository } from './studies/raters-repository';
import { type RatesRepository } from './models/rates-repository';
import { type RatingEventsRepository } from './ratings/events-repository';
import { type RetrainedRepository } from './evaluation/retrained-repository';
import { type RunsRepository } from './evaluation/runs-repository';
import { storageError } from './storage/storage-error';
import { type StudiesRepository } from './studies/studies-repository';
import { type StudyLogRepository } from './studies/study-log';
import { type UploadStore } from './storage/transit/upload-store';

/** What every service and job is given: storage, engine, events and the world outside. */
export interface Core {
  readonly dataDir: string;
  readonly database: Database;
  readonly artifacts: ArtifactStore;
  /** Files on their way in. */
  readonly uploads: UploadStore;
  /** Files on their way out. */
  readonly exports: ExportStore;
  readonly jobs: JobsRepository;
  readonly models: ModelsRepository;
  readonly runs: RunsRepository;
  readonly retrained: RetrainedRepository;
  readonly experiments: ExperimentsRepository;
  readonly methods: MethodsRepository;
  readonly rates: RatesRepository;
  readonly exploreCache: ExploreCacheRepository;
  readonly studies: StudiesRepository;
  readonly studyLog: StudyLogRepository;
  readonly raters: RatersRepository;
  readonly ratingEvents: RatingEventsRepository;
  readonly annotatorMode: AnnotatorModeRepository;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  /** Where datasets can be had from outside. */
  readonly datasetSources: (dataset: DatasetId) => readonly DatasetSource[];
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly newId: (prefix: IdPrefix) => string;
  readonly paper: () => Paper;
  /** Run with a fresh scratch folder, deleted afterwards whatever happens. */
  readonly scratch: <T>(work: (folder: string) => Promise<T>) => Promise<T>;
}

export function scratchIn(root: string): Core['scratch'] {
  return async (work) => {
    const folder = join(root, randomUUID());
    try {
      await mkdir(folder, { recursive: true });
      return await work(folder);
    } catch (error) {
      throw storageError(error, root);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** Which dataset, and where its files are: the start of most engine requests. */
export function datasetSource(core: Core, dataset: DatasetId) {
  const datasetDir =
    dataset === 'mnist' ? core.files.mnistData : datasetFolder(core.dataDir, dataset);
  return { dataset, datasetDir };
}

export function now(core: Core): string {
  return core.clock.now().toISOString();
}

export function notFound(what: string, id: string): StudioError {
  return new StudioError({ code: 'not-found', message: `There is no ${what} ${id}.` });
}

export function conflict(message: string): StudioError {
  return new StudioError({ code: 'conflict', message });
}
