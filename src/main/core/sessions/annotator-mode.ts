import { setTimeout as wait } from 'node:timers/promises';
import { conflict } from '../../../shared/errors';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type Events } from '../jobs/events';
import { type Clock, now } from '../storage/environment';
import { type AnnotatorModeRepository } from '../studies/annotator-mode-repository';
import { type StudyStore } from '../studies/study-store';
import { type Caller } from './caller';
import { hashPassphrase, passphraseFits } from './passphrase';
import { RatingRefusal } from './refusal';

interface Parts {
  readonly annotatorMode: AnnotatorModeRepository;
  readonly clock: Clock;
  readonly events: Events;
  readonly studyStore: StudyStore;
}

/** Milliseconds that a wrong passphrase costs, one after the other. */
const penalty = 700;

/**
 * Annotator mode: this machine is handed to raters, and the app is a rating page until the
 * researcher ends it. It is kept in the database, so that a restarted app comes back in it.
 */
export class AnnotatorModeService {
  readonly #parts: Parts;
  readonly #penalty: number;
  /** Attempts to end it queue up: guessing in parallel gains nothing. */
  #attempts: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts, options: { readonly penalty?: number } = {}) {
    this.#parts = parts;
    this.#penalty = options.penalty ?? penalty;
  }

  active(): boolean {
    return this.#parts.annotatorMode.get() !== undefined;
  }

  /** Throws `conflict` unless the study is open, and where the mode lasts already. */
  async begin({
    study: id,
    passphrase,
  }: RouteParsed<'annotator.begin'>): Promise<RouteOutput<'rating.end'>> {
    const parts = this.#parts;
    const hash = passphrase === null ? null : await hashPassphrase(passphrase);
    parts.studyStore.transaction(() => {
      const study = parts.studyStore.study(id);
      if (study.state !== 'open' || !study.config) {
        throw conflict(`${study.name} is not open for rating: prepare or reopen it first.`);
      }
      if (this.active()) throw conflict('Annotator mode is on already.');
      parts.annotatorMode.begin({ study: id, passphrase: hash, beganAt: now(parts) });
    });
    parts.events.emit({ type: 'annotator.changed', active: true });
    return {};
  }

  /** Throws `forbidden` for a wrong passphrase, after a delay. */
  end(
    { passphrase }: RouteParsed<'rating.end'>,
    { role }: Caller,
  ): Promise<RouteOutput<'rating.end'>> {
    if (role === 'annotator') {
      throw new RatingRefusal({
        code: 'forbidden',
        message: 'Only the researcher ends annotator mode, on their own machine.',
      });
    }
    const attempt = this.#attempts.then(() => this.#end(passphrase));
    this.#attempts = attempt.catch(() => undefined);
    return attempt;
  }

  /** Ends it unasked, for whoever reaches the data directory anyway; answers whether it lasted. */
  lift(): boolean {
    const lasted = this.active();
    this.#parts.annotatorMode.end();
    if (lasted) this.#parts.events.emit({ type: 'annotator.changed', active: false });
    return lasted;
  }

  async #end(passphrase: string | null): Promise<RouteOutput<'rating.end'>> {
    const parts = this.#parts;
    const mode = parts.annotatorMode.get();
    if (!mode) return {};
    if (mode.passphrase !== null) {
      const fits = passphrase !== null && (await passphraseFits(passphrase, mode.passphrase));
      if (!fits) {
        await wait(this.#penalty);
        throw new RatingRefusal({
          code: 'forbidden',
          message: 'This is not the passphrase that annotator mode was begun with.',
        });
      }
    }
    this.lift();
    return {};
  }
}
