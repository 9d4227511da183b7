import { conflict, notFound } from '../../../shared/errors';
import { type RouteOutput } from '../../../shared/routes';
import { type Events } from '../jobs/events';
import { type RatingEventsRepository } from '../ratings/events-repository';
import { type BackupsService } from '../storage/backups-service';
import { type Database } from '../storage/database';
import { type Clock, type Log, now } from '../storage/environment';
import { type AnnotatorModeRepository } from './annotator-mode-repository';
import { type RatersRepository } from './raters-repository';
import { type StudyLogRepository } from './study-log';

interface Parts {
  readonly annotatorMode: AnnotatorModeRepository;
  readonly clock: Clock;
  readonly database: Database;
  readonly events: Events;
  readonly log: Log;
  readonly raters: RatersRepository;
  readonly ratingEvents: RatingEventsRepository;
  readonly studyLog: StudyLogRepository;
}

/** Take a rater, or the ratings of a whole study, out of the database for good. */
export class RatingsErase {
  readonly #parts: Parts;
  readonly #backups: BackupsService;

  constructor(parts: Parts, backups: BackupsService) {
    this.#parts = parts;
    this.#backups = backups;
  }

  /**
   * Back up, then rebuild the database without a rater: labels, order, sessions and the rater's
   * own row. The log keeps the id and the number of events. The backup still holds them all.
   */
  async rater(id: string): Promise<RouteOutput<'ratings.erase'>> {
    const { annotatorMode, database, events, raters, ratingEvents, studyLog } = this.#parts;
    if (!raters.get(id)) throw notFound('rater', id);
    if (annotatorMode.get()?.rater === id) {
      throw conflict('This rater is rating right now: end annotator mode first.');
    }
    const backup = await this.#backups.create();
    const rater = raters.get(id);
    if (!rater) throw notFound('rater', id);
    const rows = database.transaction(() => {
      const erased = ratingEvents.eraseRater(rater.study, rater.code);
      raters.remove(id);
      studyLog.add(rater.study, 'rater.erased', `${id}: ${erased} events`, now(this.#parts));
      return erased;
    });
    this.#compact();
    events.emit({ type: 'study.changed', study: rater.study });
    return { rows, backup };
  }

  /**
   * Back up, then rebuild the database without the ratings of a study, and without whatever `also`
   * removes in the same transaction (the study itself). Announcing is the caller's.
   */
  async study(id: string, also: () => void): Promise<RouteOutput<'ratings.erase'>> {
    const { database, ratingEvents, studyLog } = this.#parts;
    const backup = await this.#backups.create();
    const rows = database.transaction(() => {
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
   * the rebuilding of the file (a full disk) and the emptying of the log (a reader beside us).
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
