import { type StudyRecord, studyRecordSchema } from '../../../shared/ratings/study';
import { type StoredStudy } from './studies-repository';
import { type Core, notFound } from '../core';

type Store = Pick<Core, 'studies' | 'raters' | 'ratingEvents'>;

/** A study as routes tell it. */
export function studyRecord(core: Store, study: StoredStudy): StudyRecord {
  return studyRecordSchema.parse({
    ...study,
    frozen: core.ratingEvents.hasAny(study.id),
    raters: core.raters.count(study.id),
    ratings: core.ratingEvents.count(study.id),
  });
}

/**
 * Whether the ratings of a study are not to be seen yet: it is open, or was and its maps are being
 * computed again, and nobody confirmed that they want to look.
 */
export function resultsHidden(core: Pick<Core, 'ratingEvents'>, study: StoredStudy): boolean {
  if (study.state === 'closed' || study.revealedAt !== null) return false;
  return study.state === 'open' || core.ratingEvents.hasAny(study.id);
}

/** Throws `not-found`. */
export function storedStudy(core: Pick<Core, 'studies'>, id: string): StoredStudy {
  const study = core.studies.get(id);
  if (!study) throw notFound('study', id);
  return study;
}
