import { conflict } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { writeLong } from '../ratings/long-format';
import { type ExportStore } from '../storage/transit/export-store';
import { askedIn } from './asked';
import { type StoredStudy } from './studies-repository';
import { type StudyStore } from './study-store';

interface Parts {
  readonly exports: ExportStore;
  readonly studyStore: StudyStore;
}

/** Every label that counts, of all kinds, in the long format that `ratings.import` takes. */
export class RatingsExport {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** As a file. `conflict` while the results of the study are hidden. */
  async export(id: string): Promise<ExportFile> {
    const { exports, studyStore } = this.#parts;
    const study = studyStore.study(id);
    if (studyStore.resultsHidden(study)) {
      throw conflict(
        `The ratings of ${study.name} stay hidden while it is open: close it, or confirm that you want to see its results now.`,
      );
    }
    const name = `ratings-${slug(study.name) || study.id}-v${study.version}.csv`;
    return exports.put(name, 'text/csv', ratingsCsv(studyStore, study));
  }
}

/** The labels of a study that count, as CSV in the long format. */
export function ratingsCsv({ studies, ratingEvents }: StudyStore, study: StoredStudy): string {
  // A name with several versions would not say which one.
  const unique = studies.named(study.name).length === 1;
  const rows = ratingEvents.counted(study.id);
  return writeLong(rows, unique ? study.name : study.id, askedIn(study));
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
