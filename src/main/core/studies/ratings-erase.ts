import { conflict, notFound } from '../../../shared/errors';
import { type RouteOutput } from '../../../shared/routes';
import { type BackupsService } from '../storage/backups-service';
import { type Database } from '../storage/database';
import { type Clock, type Log, now } from '../storage/environment';
import { type AnnotatorModeRepository } from './annotator-mode-repository';
import { type StudyStore } from './study-store';

interface Parts {
  readonly annotatorMode: AnnotatorModeRepository;
  readonly backups: BackupsService;
  readonly clock: Clock;
  readonly database: Database;
  readonly log: Log;
  readonly studyStore: StudyStore;
}

/** Take a rater, or the ratings of a whole study, out of the database for good. */
export class RatingsErase {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Back up, then rebuild the database without a rater: labels, order, sessions and the rater's
   * own row. The log keeps the id and the number of events. The backup still holds them all.
   */
  async rater(id: string): Promise<RouteOutput<'ratings.erase'>> {
    const { annotatorMode, backups, studyStore } = this.#parts;
    const { raters, ratingEvents, studyLog } = studyStore;
    if (!raters.get(id)) throw notFound('rater', id);
    if (annotatorMode.get()?.rater === id) {
      throw conflict('This rater is rating right now: end annotator mode first.');
    }
    const backup = await backups.create();
    const rater = raters.get(id);
    if (!rater) throw notFound('rater', id);
    const rows = studyStore.transaction(() => {
      const erased = ratingEvents.eraseRater(rater.study, rater.code);
      raters.remove(id);
      studyLog.add(rater.study, 'rater.erased', `${id}: ${erased} events`, now(this.#parts));
      return erased;
    });
    this.#compact();
    studyStore.announce(rater.study);
    return { rows, backup };
  }

  /**
   * Back up, then rebuild the database without the ratings of a study, and without whatever `also`
   * removes in the same transaction (the study itself). Announcing is the caller's.
   */
  async study(id: string, also: () => void): Promise<RouteOutput<'ratings.erase'>> {
    const { backups, studyStore } = this.#parts;
    const { ratingEvents, studyLog } = studyStore;
    const backup = await backups.create();
    const rows = studyStore.transaction(() => {
      const erased = ratingEvents.eraseStudy(id);
      also();
      studyLog.add(id, 'study.erased', `${erased} events`, now(this.#parts));
      return erased;
    });
    this.#compact();
    return { rows, backup };
  }

  /**
   * The events are gone when this begins, and their bytes were overwritten; what can fail is only
   * the rebuilding of the file (a full disk) and the emptying of the log (another process that reads).
   */
  #compact(): void {
    try {
      if (this.#parts.database.compact()) return;
      this.#parts.log.warn('A reader keeps the log of the database from being emptied.', {});
    } catch (error) {
      this.#parts.log.warn('The database could not be rebuilt smaller.', { error: String(error) });
    }
  }
}
