import { LRUCache } from 'lru-cache';
import { type NewId } from '../../../shared/ids';
import { type RouteParsed } from '../../../shared/routes';
import { type Clock, now } from '../storage/environment';
import { drawCode } from '../studies/design/rater-codes';
import { type StoredRater, type StoredSession } from '../studies/raters-repository';
import { type StudyStore } from '../studies/study-store';
import { type RaterContext, type RatingContext } from './rating-context';
import { RatingRefusal } from './refusal';

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly studyStore: StudyStore;
}

type Screen = RouteParsed<'rating.open'>['screen'];

/** Clients whose session is remembered. */
const kept = 1000;

/** Who sits down at a rating page, and the session that their labels belong to. */
export class RatingVisits {
  readonly #parts: Parts;
  readonly #byClient = new LRUCache<string, StoredSession>({ max: kept });

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One row for each opening of the page. */
  begin({ entry, rater }: RaterContext, client: string, screen: Screen): void {
    const parts = this.#parts;
    const session: StoredSession = {
      id: parts.newId('session'),
      rater: rater.id,
      entry,
      screenWidth: screen.width,
      screenHeight: screen.height,
      pixelRatio: screen.pixelRatio,
      startedAt: now(parts),
    };
    parts.studyStore.transaction(() => {
      parts.studyStore.raters.addSession(session);
      parts.studyStore.raters.seen(rater.id, session.startedAt);
    });
    this.#byClient.set(client, session);
  }

  /**
   * The session of this client; of a page that came back over a new connection, or after a restart,
   * the rater's newest.
   */
  session(rater: StoredRater, client: string): StoredSession | null {
    const own = this.#byClient.get(client);
    if (own?.rater === rater.id) return own;
    return this.#parts.studyStore.raters.sessions(rater.id).at(-1) ?? null;
  }

  /** At the desk: the rater of a code, or a new one with a code made on the spot. */
  rater({ study }: RatingContext, code: string | null): StoredRater {
    const { studyStore } = this.#parts;
    const { raters } = studyStore;
    if (code !== null) {
      const rater = raters.byCode(study.id, code);
      if (rater) return rater;
      throw new RatingRefusal({
        code: 'not-found',
        message: `There is no code ${code} in this study: check it, or begin with a new one.`,
        field: 'code',
        value: JSON.stringify(code),
        accepted: 'a code that the researcher gave out',
      });
    }
    return studyStore.transaction(() => {
      const ordinal = raters.nextOrdinal(study.id);
      const id = this.#parts.newId('rater');
      const taken = (other: string) => raters.byCode(study.id, other) !== undefined;
      const made = drawCode(taken);
      raters.insert({ id, study: study.id, code: made, ordinal, createdAt: now(this.#parts) });
      const rater = raters.get(id);
      if (!rater) throw new Error('A rater that was just made is not there.');
      return rater;
    });
  }
}
