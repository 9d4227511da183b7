import { type RouteOutput } from '../../../shared/routes';
import { type UploadedFile } from '../storage/transit/upload-store';
import { inPlainNames } from './archive/plain-names';
import { readArchive } from './archive/read-archive';
import { storeArchive, type StoreParts } from './archive/store-archive';
import { readZip } from './archive/zip';

/** A whole study from one file. */
export class StudyImport {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** Throws `corrupt-file` naming what is wrong, or `conflict`; nothing is left behind then. */
  async import({ path }: UploadedFile): Promise<RouteOutput<'studies.import'>> {
    const archive = inPlainNames(readArchive(await readZip(path)));
    const { study: id, notes } = await storeArchive(this.#parts, archive);
    const { runImport, studyStore } = this.#parts;
    runImport.announce(archive);
    studyStore.announce(id);
    return { ...studyStore.record(id), notes: [...notes] };
  }
}
