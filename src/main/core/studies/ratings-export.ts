import { conflict, notFound } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type RatingEventsRepository } from '../ratings/events-repository';
import { writeLong } from '../ratings/long-format';
import { type ExportStore } from '../storage/transit/export-store';
import { askedIn } from './asked';
import { type StoredStudy, type StudiesRepository } from './studies-repository';
import { resultsHidden } from './study-record';

interface Parts {
  readonly exports: ExportStore;
  readonly ratingEvents: RatingEventsRepository;
  readonly studies: StudiesRepository;
}

/** Every label that counts, of all kinds, in the long format that `ratings.import` takes. */
export class RatingsExport {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** As a file. `conflict` while the results of the study are hidden. */
  async export(id: string): Promise<ExportFile> {
    const study = this.#parts.studies.get(id);
    if (!study) throw notFound('study', id);
    if (resultsHidden(this.#parts, study)) {
      throw conflict(
        `The ratings of ${study.name} stay hidden while it is open: close it, or confirm that you want to see its results now.`,
      );
    }
    const name = `ratings-${slug(study.name) || study.id}-v${study.version}.csv`;
    return this.#parts.exports.put(name, 'text/csv', this.csv(study));
  }

  csv(study: StoredStudy): string {
    // A name with several versions would not say which one.
    const unique = this.#parts.studies.named(study.name).length === 1;
    const rows = this.#parts.ratingEvents.counted(study.id);
    return writeLong(rows, unique ? study.name : study.id, askedIn(study));
  }
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
