import { randomBytes, randomUUID } from 'node:crypto';
import { conflict, notFound, refuse } from '../../../shared/errors';
import { nameKey } from '../../../shared/identifying-text';
import { type NewId } from '../../../shared/ids';
import { raterCodeSchema } from '../../../shared/ratings/rating-routes';
import { type RaterRecord } from '../../../shared/ratings/study';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type Clock, now } from '../storage/environment';
import { askedIn } from './asked';
import { drawCode } from './design/rater-codes';
import { linkTokenHash } from './link-token';
import { type StoredRater } from './raters-repository';
import { type StudyProgress } from './study-progress';
import { type StudyStore } from './study-store';

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly studyProgress: StudyProgress;
  readonly studyStore: StudyStore;
}

type Invited = RouteOutput<'raters.link'>;

/** The raters of a study as the researcher sees them: codes, links, how far they are. */
export class RatersService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  list({ study }: RouteParsed<'raters.list'>): RaterRecord[] {
    const record = this.#records(study);
    return this.#parts.studyStore.raters.list(study).map(record);
  }

  /** With the codes given, or so many with codes made. Each has a link; its token is told once. */
  create({ study, codes, count }: RouteParsed<'raters.create'>): Invited[] {
    const { studyStore } = this.#parts;
    const made = studyStore.transaction(() => {
      const { name, state, config } = studyStore.study(study);
      if (!config) throw conflict(`${name} was imported: nobody can rate it here.`);
      if (state === 'closed') throw conflict(`${name} is closed: reopen it to invite raters.`);
      const taken = new Set(studyStore.raters.list(study).map(({ code }) => nameKey(code)));
      const wanted = codes.length > 0 ? checkCodes(codes, taken) : drawCodes(count, taken);
      return wanted.map((code) => this.#insert(study, code));
    });
    studyStore.announce(study);
    return made;
  }

  /** A new link: the earlier one ends, and whoever has it open is asked for the new one. */
  link({ rater: id }: RouteParsed<'raters.link'>): Invited {
    const rater = this.#stored(id);
    if (this.#withdrawn(rater)) {
      throw conflict(`${rater.code} took their consent back: there is nothing to link to.`);
    }
    const token = this.#newToken(id);
    this.#parts.studyStore.announce(rater.study);
    return { rater: this.get(id), token };
  }

  /** Consent taken back through the researcher: appended, and for good. Again it changes nothing. */
  withdraw({ rater: id }: RouteParsed<'raters.withdraw'>): RaterRecord {
    const { studyStore } = this.#parts;
    const rater = this.#stored(id);
    const at = now(this.#parts);
    studyStore.transaction(() => {
      if (this.#withdrawn(rater)) return;
      studyStore.ratingEvents.append({
        event: randomUUID(),
        study: rater.study,
        rater: rater.code,
        action: 'withdraw',
        session: null,
        ratedAt: at,
        recordedAt: at,
      });
      // The log outlives the rater and goes into archives: it keeps the id, never the code.
      studyStore.studyLog.add(rater.study, 'withdraw', id, at);
    });
    studyStore.announce(rater.study);
    return this.get(id);
  }

  get(id: string): RaterRecord {
    const rater = this.#stored(id);
    return this.#records(rater.study)(rater);
  }

  #insert(study: string, code: string): Invited {
    const { raters } = this.#parts.studyStore;
    const id = this.#parts.newId('rater');
    const ordinal = raters.nextOrdinal(study);
    raters.insert({ id, study, code, ordinal, createdAt: now(this.#parts) });
    const token = this.#newToken(id);
    return { rater: this.get(id), token };
  }

  #newToken(id: string): string {
    const token = randomBytes(32).toString('base64url');
    this.#parts.studyStore.raters.setToken(id, linkTokenHash(token));
    return token;
  }

  #stored(id: string): StoredRater {
    const rater = this.#parts.studyStore.raters.get(id);
    if (!rater) throw notFound('rater', id);
    return rater;
  }

  #withdrawn({ study, code }: StoredRater): boolean {
    return this.#parts.studyStore.ratingEvents.withdrawn(study).includes(code);
  }

  /** Makes the records of a study's raters, by what is stored now. */
  #records(study: string): (rater: StoredRater) => RaterRecord {
    const { studyProgress, studyStore } = this.#parts;
    const questions = askedIn(studyStore.study(study));
    const withdrawn = new Set(studyStore.ratingEvents.withdrawn(study));
    const progress = studyProgress.byRater(study, questions);
    return ({ id, code, experience, createdAt, lastSeenAt }) => {
      const { done, total } = progress.get(id) ?? { done: 0, total: 0 };
      const answered = total === 0 ? 'invited' : done < total ? 'rating' : 'finished';
      return {
        id,
        study,
        code,
        experience,
        createdAt,
        lastSeenAt,
        done,
        total,
        state: withdrawn.has(code) ? 'withdrawn' : answered,
      };
    };
  }
}

function checkCodes(codes: readonly string[], taken: ReadonlySet<string>): string[] {
  const seen = new Set(taken);
  return codes.map((given, i) => {
    const parsed = raterCodeSchema.safeParse(given);
    if (!parsed.success) {
      throw refuse(`codes.${i}`, given, parsed.error.issues[0]?.message ?? 'a code');
    }
    const code = parsed.data;
    if (seen.has(nameKey(code))) {
      throw refuse(`codes.${i}`, given, 'a code that no other rater of the study has');
    }
    seen.add(nameKey(code));
    return code;
  });
}

function drawCodes(count: number, taken: ReadonlySet<string>): string[] {
  const seen = new Set(taken);
  return Array.from({ length: count }, () => {
    const code = drawCode((other) => seen.has(nameKey(other)));
    seen.add(nameKey(code));
    return code;
  });
}
