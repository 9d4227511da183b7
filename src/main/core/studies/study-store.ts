import { notFound } from '../../../shared/errors';
import { type StudyRecord, studyRecordSchema } from '../../../shared/ratings/study';
import { type Events } from '../jobs/events';
import { type RatingEventsRepository } from '../ratings/events-repository';
import { type Database } from '../storage/database';
import { type RatersRepository } from './raters-repository';
import { type StoredStudy, type StudiesRepository } from './studies-repository';
import { type StudyLogRepository } from './study-log';

interface Repositories {
  readonly raters: RatersRepository;
  readonly ratingEvents: RatingEventsRepository;
  readonly studies: StudiesRepository;
  readonly studyLog: StudyLogRepository;
}

/**
 * All that is stored of studies. What changes in several of its repositories changes in one
 * transaction, and is announced after it.
 */
export class StudyStore implements Repositories {
  readonly raters: RatersRepository;
  readonly ratingEvents: RatingEventsRepository;
  readonly studies: StudiesRepository;
  readonly studyLog: StudyLogRepository;
  readonly #database: Database;
  readonly #events: Events;

  constructor(database: Database, events: Events, repositories: Repositories) {
    this.raters = repositories.raters;
    this.ratingEvents = repositories.ratingEvents;
    this.studies = repositories.studies;
    this.studyLog = repositories.studyLog;
    this.#database = database;
    this.#events = events;
  }

  /** Throws `not-found`. */
  study(id: string): StoredStudy {
    const study = this.studies.get(id);
    if (!study) throw notFound('study', id);
    return study;
  }

  /** A study as routes tell it. Throws `not-found`. */
  record(id: string): StudyRecord {
    return studyRecordSchema.parse({
      ...this.study(id),
      frozen: this.ratingEvents.hasAny(id),
      raters: this.raters.count(id),
      ratings: this.ratingEvents.count(id),
    });
  }

  /**
   * Whether the ratings of a study are not to be seen yet: it is open, or was and its maps are being
   * computed again, and nobody confirmed that they want to look.
   */
  resultsHidden(study: StoredStudy): boolean {
    if (study.state === 'closed' || study.revealedAt !== null) return false;
    return study.state === 'open' || this.ratingEvents.hasAny(study.id);
  }

  /** All or nothing; nested calls join the outer transaction. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }

  /** Tell whoever listens that something of a study changed. */
  announce(study: string): void {
    this.#events.emit({ type: 'study.changed', study });
  }
}
