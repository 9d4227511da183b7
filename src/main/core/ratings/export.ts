import { type ExportFile } from '../../../shared/export-file';
import { writeLong } from './long-format';
import { type StoredStudy } from '../studies/studies-repository';
import { conflict, type Core, notFound } from '../core';
import { resultsHidden } from '../studies/study-record';

/** Every label that counts, of all kinds, in the long format that `ratings.import` takes. */
export class RatingsExport {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** As a file. `conflict` while the results of the study are hidden. */
  async export(id: string): Promise<ExportFile> {
    const study = this.#core.studies.get(id);
    if (!study) throw notFound('study', id);
    if (resultsHidden(this.#core, study)) {
      throw conflict(
        `The ratings of ${study.name} stay hidden while it is open: close it, or confirm that you want to see its results now.`,
      );
    }
    const name = `ratings-${slug(study.name) || study.id}-v${study.version}.csv`;
    return this.#core.exports.put(name, 'text/csv', this.csv(study));
  }

  csv(study: StoredStudy): string {
    // A name with several versions would not say which one.
    const unique = this.#core.studies.named(study.name).length === 1;
    return writeLong(this.#core.ratingEvents.counted(study.id), unique ? study.name : study.id);
  }
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
