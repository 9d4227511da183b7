import { conflict } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type RouteParsed } from '../../../shared/routes';
import { fileStem } from '../export/file-stem';
import { type ExportStore } from '../storage/transit/export-store';
import { type ArchivedResults, type StudyArchives } from './archive/write-archive';
import { archiveLimits, writeZipFile } from './archive/zip';
import { type StudyStore } from './study-store';

interface Parts {
  readonly archives: StudyArchives;
  readonly exports: ExportStore;
  /** Throws `conflict` while the results of the study are hidden. */
  readonly results: (study: string) => Promise<ArchivedResults>;
  readonly studyStore: StudyStore;
}

/** A whole study as one file. */
export class StudyExport {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `conflict` while the results are hidden, or before the study has maps. */
  async export({ study: id }: RouteParsed<'studies.export'>): Promise<ExportFile> {
    const { archives, exports, results, studyStore } = this.#parts;
    const study = studyStore.study(id);
    const { name, version } = study;
    const files = await archives.files(study, await results(id));
    const bytes = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytes > archiveLimits.bytes || files.size > archiveLimits.files) {
      throw conflict(
        `The archive of ${name} would hold ${files.size} files of ${bytes} bytes, and at most ${archiveLimits.files} files of ${archiveLimits.bytes} bytes can be imported again: copy the data directory with a backup instead.`,
      );
    }
    const suffix = version === 1 ? '' : `-v${version}`;
    return exports.write(`${fileStem(name, 'study')}${suffix}.zip`, 'application/zip', (path) =>
      writeZipFile(files, path),
    );
  }
}
