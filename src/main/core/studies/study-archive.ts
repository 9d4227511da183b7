import { conflict } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type NewId } from '../../../shared/ids';
import { type StudyRecord } from '../../../shared/ratings/study';
import { type RouteParsed } from '../../../shared/routes';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type RoarResults } from '../evaluation/roar-results';
import { type RunsRepository } from '../evaluation/runs-repository';
import { fileStem } from '../export/file-stem';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type MethodsService } from '../maps/methods';
import { type MethodsRepository } from '../maps/methods-repository';
import { type ModelsRepository } from '../models/models-repository';
import { type RatingEventsRepository } from '../ratings/events-repository';
import { type Database } from '../storage/database';
import { type Clock } from '../storage/environment';
import { type InstalledFiles } from '../storage/installed-files';
import { type ExportStore } from '../storage/transit/export-store';
import { type UploadedFile } from '../storage/transit/upload-store';
import { inPlainNames } from './archive/plain-names';
import { readArchive } from './archive/read-archive';
import { storeArchive } from './archive/store-archive';
import { type ArchivedResults, archiveFiles } from './archive/write-archive';
import { archiveLimits, type Files, readZip, writeZipFile } from './archive/zip';
import { type RatersRepository } from './raters-repository';
import { type RatingsExport } from './ratings-export';
import { type StudiesRepository } from './studies-repository';
import { type StudyLogRepository } from './study-log';
import { storedStudy, studyRecord } from './study-record';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly database: Database;
  readonly events: Events;
  readonly exports: ExportStore;
  readonly files: InstalledFiles;
  readonly jobs: JobsRepository;
  readonly methods: MethodsRepository;
  readonly models: ModelsRepository;
  readonly newId: NewId;
  readonly raters: RatersRepository;
  readonly ratingEvents: RatingEventsRepository;
  readonly runs: RunsRepository;
  readonly studies: StudiesRepository;
  readonly studyLog: StudyLogRepository;
  readonly version: string;
}

interface Services {
  readonly methods: MethodsService;
  readonly roar: RoarResults;
  readonly ratingsExport: RatingsExport;
  /** Throws `conflict` while the results of the study are hidden. */
  readonly results: (study: string) => Promise<ArchivedResults>;
}

/** A whole study as one file, and back. */
export class StudyArchiveService {
  readonly #parts: Parts;
  readonly #services: Services;

  constructor(parts: Parts, services: Services) {
    this.#parts = parts;
    this.#services = services;
  }

  /** Throws `conflict` while the results are hidden, or before the study has maps. */
  async export({ study: id }: RouteParsed<'studies.export'>): Promise<ExportFile> {
    const { name, version } = storedStudy(this.#parts, id);
    const files = await this.#files(id);
    const bytes = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytes > archiveLimits.bytes || files.size > archiveLimits.files) {
      throw conflict(
        `The archive of ${name} would hold ${files.size} files of ${bytes} bytes, and at most ${archiveLimits.files} files of ${archiveLimits.bytes} bytes can be imported again: copy the data directory with a backup instead.`,
      );
    }
    const suffix = version === 1 ? '' : `-v${version}`;
    return this.#parts.exports.write(
      `${fileStem(name, 'study')}${suffix}.zip`,
      'application/zip',
      (path) => writeZipFile(files, path),
    );
  }

  /** Throws `corrupt-file` naming what is wrong, or `conflict`; nothing is left behind then. */
  async import({ path }: UploadedFile): Promise<StudyRecord> {
    const archive = inPlainNames(readArchive(await readZip(path)));
    const id = await storeArchive(this.#parts, archive);
    const { events } = this.#parts;
    for (const { id: model } of archive.manifest.models) {
      events.emit({ type: 'model.changed', model });
    }
    for (const { id: run } of archive.runs) events.emit({ type: 'run.changed', run });
    events.emit({ type: 'study.changed', study: id });
    return studyRecord(this.#parts, storedStudy(this.#parts, id));
  }

  async #files(id: string): Promise<Files> {
    const study = storedStudy(this.#parts, id);
    const results = await this.#services.results(id);
    return archiveFiles(this.#parts, this.#services, study, results);
  }
}
