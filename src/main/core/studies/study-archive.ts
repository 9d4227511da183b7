import { conflict } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type StudyRecord } from '../../../shared/ratings/study';
import { type RouteParsed } from '../../../shared/routes';
import { fileStem } from '../export/file-stem';
import { type Events } from '../jobs/events';
import { type ExportStore } from '../storage/transit/export-store';
import { type UploadedFile } from '../storage/transit/upload-store';
import { inPlainNames } from './archive/plain-names';
import { readArchive } from './archive/read-archive';
import { storeArchive, type StoreParts } from './archive/store-archive';
import {
  type ArchivedResults,
  archiveFiles,
  type ArchiveServices,
  type WriteParts,
} from './archive/write-archive';
import { archiveLimits, type Files, readZip, writeZipFile } from './archive/zip';
import { storedStudy, studyRecord } from './study-record';

interface Parts extends StoreParts, WriteParts {
  readonly catalogues: StoreParts['catalogues'];
  readonly events: Events;
  readonly exports: ExportStore;
}

interface Services extends ArchiveServices {
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
    for (const { dataset } of archive.datasets) events.emit({ type: 'dataset.changed', dataset });
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
