import { randomUUID } from 'node:crypto';
import { toWire } from '../../../shared/arrays';
import { type RatingPhase, type RatingState } from '../../../shared/ratings/rating-routes';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type Clock, now } from '../storage/environment';
import { type AnnotatorModeRepository } from '../studies/annotator-mode-repository';
import { drawOrder } from '../studies/design/draw-order';
import { StudyNews } from '../studies/study-news';
import { type StudyStore } from '../studies/study-store';
import { type Caller } from './caller';
import { secondsLeft } from './pace';
import { type Progress } from './progress';
import { reachable, recordLabel } from './rating-answer';
import { checkAnswers } from './rating-background';
import {
  phaseOf,
  type RaterContext,
  ratingContext,
  type RatingContext,
  withRater,
  wrongPhase,
} from './rating-context';
import { type RatingTrials } from './rating-trials';
import { type RatingVisits } from './rating-visits';
import { RatingRefusal } from './refusal';

interface Parts {
  readonly annotatorMode: AnnotatorModeRepository;
  readonly clock: Clock;
  readonly studyStore: StudyStore;
  readonly trials: RatingTrials;
  readonly visits: RatingVisits;
}

interface SessionState<C extends RatingContext = RatingContext> {
  readonly context: C;
  readonly progress: Progress;
  readonly phase: RatingPhase;
}

/**
 * A rater's session, from the code to the thanks. Where somebody is follows from what is stored,
 * so that a page may close, or this process end, between any two calls. Nothing that is answered
 * tells which method made a map.
 */
export class RatingService {
  readonly #parts: Parts;
  readonly #news: StudyNews;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#news = new StudyNews(parts.studyStore);
  }

  async open({ screen }: RouteParsed<'rating.open'>, caller: Caller): Promise<RatingState> {
    const context = ratingContext(this.#parts, caller);
    if (context.rater) this.#parts.visits.begin(withRater(context), caller.client, screen);
    return this.#state(context, caller);
  }

  async enter({ code, screen }: RouteParsed<'rating.enter'>, caller: Caller): Promise<RatingState> {
    const { context, phase } = this.#sessionState(ratingContext(this.#parts, caller));
    atDesk(context);
    if (phase !== 'code') throw wrongPhase(phase);
    const parts = this.#parts;
    const entered = parts.studyStore.transaction(() => {
      const rater = this.#parts.visits.rater(context, code);
      parts.annotatorMode.setRater(rater.id);
      this.#parts.visits.begin({ ...context, rater }, caller.client, screen);
      return rater;
    });
    this.#news.changed(context.study.id);
    return this.#state({ ...context, rater: entered }, caller);
  }

  async describe(
    { experience, answers }: RouteParsed<'rating.describe'>,
    caller: Caller,
  ): Promise<RatingState> {
    const { context, phase } = this.#rater(caller);
    if (!['background', 'instructions', 'consent'].includes(phase)) throw wrongPhase(phase);
    checkAnswers(context.config.background, answers);
    this.#parts.studyStore.raters.describe(context.rater.id, { experience, answers });
    return this.#state(ratingContext(this.#parts, caller), caller);
  }

  /** At consent the rater's order is drawn, once and for all. */
  async advance({ from }: RouteParsed<'rating.advance'>, caller: Caller): Promise<RatingState> {
    const parts = this.#parts;
    const { studyStore } = parts;
    const { context, phase } = this.#rater(caller);
    const { rater, study } = context;
    const order: readonly RatingPhase[] = ['background', 'instructions', 'consent'];
    // Said twice (a second tab, an answer that was lost), it holds already.
    const held =
      phase === 'trials' || phase === 'thanks' || order.indexOf(phase) > order.indexOf(from);
    if (!held && phase !== from) throw wrongPhase(phase);
    if (!held && from === 'instructions') studyStore.raters.setRead(rater.id, now(parts));
    if (!held && from === 'consent') {
      studyStore.transaction(() => {
        studyStore.raters.putTrials(rater.id, drawOrder(studyStore, study, rater));
        studyStore.raters.setConsented(rater.id, now(parts));
      });
    }
    this.#news.changed(study.id);
    return this.#state(ratingContext(parts, caller), caller);
  }

  async pixels(
    { id }: RouteParsed<'rating.pixels'>,
    caller: Caller,
  ): Promise<RouteOutput<'rating.pixels'>> {
    const context = withRater(ratingContext(this.#parts, caller));
    return { pixels: toWire(await this.#parts.trials.pixels(context, id)) };
  }

  trial({ position }: RouteParsed<'rating.trial'>, caller: Caller): RouteOutput<'rating.trial'> {
    const { context, phase, progress } = this.#rater(caller);
    if (phase !== 'trials' && phase !== 'thanks') throw wrongPhase(phase);
    return this.#parts.trials.show(context, caller.client, progress, reachable(progress, position));
  }

  /** Durable before it is answered, so that a page may go on at once. */
  answer(input: RouteParsed<'rating.answer'>, caller: Caller): RouteOutput<'rating.answer'> {
    const { context, phase, progress } = this.#rater(caller);
    if (phase !== 'trials' && phase !== 'thanks') throw wrongPhase(phase);
    const session = this.#parts.visits.session(context.rater, caller.client);
    const outcome = recordLabel(this.#parts, context, input, progress, session);
    if (outcome === 'added') this.#news.changed(context.study.id);
    const after = this.#parts.trials.progress(context);
    const { next } = after;
    return {
      done: after.done,
      phase: phaseOf(context, false, after),
      secondsLeft: secondsLeft(after.times, after.labelsLeft),
      next: next ? this.#parts.trials.ahead(context, caller.client, after, next) : null,
    };
  }

  /** Appended, not deleted: the rater is left out of every output from now on. */
  async withdraw(caller: Caller): Promise<RatingState> {
    const parts = this.#parts;
    const { context, phase } = this.#rater(caller);
    const { rater, study } = context;
    if (phase !== 'withdrawn') {
      const session = this.#parts.visits.session(rater, caller.client)?.id ?? null;
      const at = now(parts);
      parts.studyStore.ratingEvents.append({
        event: randomUUID(),
        study: study.id,
        rater: rater.code,
        action: 'withdraw',
        session,
        ratedAt: at,
        recordedAt: at,
      });
      this.#parts.trials.forget(rater.id);
      this.#news.changed(study.id);
    }
    return this.#state(context, caller);
  }

  async leave(caller: Caller): Promise<RatingState> {
    const context = ratingContext(this.#parts, caller);
    atDesk(context);
    this.#parts.annotatorMode.setRater(null);
    if (context.rater) this.#parts.trials.forget(context.rater.id);
    return this.#state({ ...context, rater: null }, caller);
  }

  close(): void {
    this.#news.close();
  }

  #sessionState<C extends RatingContext>(context: C): SessionState<C> {
    const progress = this.#parts.trials.progress(context);
    return {
      context,
      progress,
      phase: phaseOf(context, this.#parts.trials.withdrawn(context), progress),
    };
  }

  #rater(caller: Caller): SessionState<RaterContext> {
    return this.#sessionState(withRater(ratingContext(this.#parts, caller)));
  }

  async #state(given: RatingContext, caller: Caller): Promise<RatingState> {
    const { study, config } = given;
    const largest = await this.#parts.trials.largest(study);
    const { context, progress, phase } = this.#sessionState(given);
    const { rater } = context;
    const rating = rater !== null && phase === 'trials' ? withRater(context) : null;
    const { current, next } = progress;
    const { client } = caller;
    return {
      entry: context.entry,
      passphrase: context.passphrase,
      phase,
      study: {
        title: config.title,
        instructions: config.instructions,
        consent: config.consent,
        thanks: config.thanks,
        questions: config.questions,
        background: config.background,
        breakEvery: config.design.breakEvery,
        largest,
      },
      rater: rater && { code: rater.code },
      total: progress.total,
      done: progress.done,
      practice: progress.practice,
      secondsLeft: secondsLeft(progress.times, progress.labelsLeft),
      current:
        rating && current ? this.#parts.trials.show(rating, client, progress, current) : null,
      next: rating && next ? this.#parts.trials.ahead(rating, client, progress, next) : null,
    };
  }
}

function atDesk({ entry }: RatingContext): void {
  if (entry === 'desk') return;
  throw new RatingRefusal({
    code: 'forbidden',
    message: 'This link is one rater’s own: close the page when you are finished.',
  });
}
