import { notFound } from '../../../shared/errors';
import { type StudyRecord, studyRecordSchema } from '../../../shared/ratings/study';
import { type RatingEventsRepository } from '../ratings/events-repository';
import { type RatersRepository } from './raters-repository';
import { type StoredStudy, type StudiesRepository } from './studies-repository';

interface Parts {
  readonly ratingEvents: RatingEventsRepository;
  readonly raters: RatersRepository;
  readonly studies: StudiesRepository;
}

/** A study as routes tell it. */
export function studyRecord(parts: Parts, study: StoredStudy): StudyRecord {
  return studyRecordSchema.parse({
    ...study,
    frozen: parts.ratingEvents.hasAny(study.id),
    raters: parts.raters.count(study.id),
    ratings: parts.ratingEvents.count(study.id),
  });
}

/**
 * Whether the ratings of a study are not to be seen yet: it is open, or was and its maps are being
 * computed again, and nobody confirmed that they want to look.
 */
export function resultsHidden(parts: Pick<Parts, 'ratingEvents'>, study: StoredStudy): boolean {
  if (study.state === 'closed' || study.revealedAt !== null) return false;
  return study.state === 'open' || parts.ratingEvents.hasAny(study.id);
}

/** Throws `not-found`. */
export function storedStudy(parts: Pick<Parts, 'studies'>, id: string): StoredStudy {
  const study = parts.studies.get(id);
  if (!study) throw notFound('study', id);
  return study;
}
