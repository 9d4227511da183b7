import { type ExportFile } from '../../../shared/export-file';
import { resultFiltersSchema } from '../../../shared/ratings/results';
import { type StudyRecord } from '../../../shared/ratings/study';
import { type RouteParsed } from '../../../shared/routes';
import { inPlainNames } from './archive/plain-names';
import { readArchive } from './archive/read-archive';
import { storeArchive } from './archive/store-archive';
import { archiveFiles } from './archive/write-archive';
import { archiveLimits, type Files, readZip, writeZipFile } from './archive/zip';
import { type UploadedFile } from '../storage/transit/upload-store';
import { conflict, type Core } from '../core';
import { fileStem } from '../export/file-stem';
import { type MethodsService } from '../maps/methods';
import { type RatingsExport } from '../ratings/export';
import { type ResultsService } from '../analysis/results-service';
import { type RoarResults } from '../evaluation/roar-results';
import { storedStudy, studyRecord } from './study-record';

interface Services {
  readonly methods: MethodsService;
  readonly roar: RoarResults;
  readonly ratingsExport: RatingsExport;
  readonly results: ResultsService;
}

/** A whole study as one file, and back. */
export class StudyArchiveService {
  readonly #core: Core;
  readonly #services: Services;

  constructor(core: Core, services: Services) {
    this.#core = core;
    this.#services = services;
  }

  /** Throws `conflict` while the results are hidden, or before the study has maps. */
  async export({ study: id }: RouteParsed<'studies.export'>): Promise<ExportFile> {
    const { name, version } = storedStudy(this.#core, id);
    const files = await this.#files(id);
    const bytes = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytes > archiveLimits.bytes || files.size > archiveLimits.files) {
      throw conflict(
        `The archive of ${name} would hold ${files.size} files of ${bytes} bytes, and at most ${archiveLimits.files} files of ${archiveLimits.bytes} bytes can be imported again: copy the data directory with a backup instead.`,
      );
    }
    const suffix = version === 1 ? '' : `-v${version}`;
    return this.#core.exports.write(
      `${fileStem(name, 'study')}${suffix}.zip`,
      'application/zip',
      (path) => writeZipFile(files, path),
    );
  }

  /** Throws `corrupt-file` naming what is wrong, or `conflict`; nothing is left behind then. */
  async import({ path }: UploadedFile): Promise<StudyRecord> {
    const archive = inPlainNames(readArchive(await readZip(path)));
    const id = await storeArchive(this.#core, archive);
    const { events } = this.#core;
    for (const { id: model } of archive.manifest.models) {
      events.emit({ type: 'model.changed', model });
    }
    for (const { id: run } of archive.runs) events.emit({ type: 'run.changed', run });
    events.emit({ type: 'study.changed', study: id });
    return studyRecord(this.#core, storedStudy(this.#core, id));
  }

  async #files(id: string): Promise<Files> {
    const study = this.#services.results.visible(id);
    if (study.state === 'draft' || study.state === 'preparing') {
      throw conflict(`${study.name} has nothing to archive yet: compute its maps first.`);
    }
    const filters = resultFiltersSchema.parse({});
    const results = await this.#services.results.whole({ study: id, filters });
    return archiveFiles(this.#core, this.#services, study, results);
  }
}
