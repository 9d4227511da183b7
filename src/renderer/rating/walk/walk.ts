import { nextTick, ref, type Ref, shallowRef, type ShallowRef } from 'vue';
import { type RatingState, type RatingTrial } from '../../../shared/ratings/rating-routes';
import { type RatingClient, Disconnected, type RatingInput, type RatingOutput } from '../client';
import { type Attention, type InputKind } from './attention';
import { type Look } from './look';
import { marks, type Paint } from './paint';
import { createShowings, type Showing } from './pictures';

/** What stands on the screen of a trial. */
export interface Shown {
  readonly showing: Showing;
  /** Its place in the trial's order. */
  readonly question: number;
  /** Practice: all questions were answered, and the example is explained. */
  readonly explaining: boolean;
}

/** Screens between trials. */
export type Pause = 'practice-begins' | 'trials-begin' | 'break';

export interface Choice {
  readonly score: number;
  readonly input: InputKind;
  /** On the clock of performance.now(). */
  readonly at: number;
}

/** Milliseconds after which a label on its way is shown: sooner, it would cost a paint for nothing. */
const soon = 80;

type Answer = RatingInput<'rating.answer'>;
type Answered = RatingOutput<'rating.answer'>;

/** The way through the trials: what is shown, and how labels are recorded before it moves on. */
export interface Walk {
  readonly shown: Readonly<ShallowRef<Shown | null>>;
  readonly pause: Readonly<Ref<Pause | null>>;
  /** A label that is on its way for longer than a moment: chosen, not yet recorded. */
  readonly sending: Readonly<Ref<number | null>>;
  /** Pixels are on their way. */
  readonly loading: Readonly<Ref<boolean>>;
  /** Begin at the first trial that is not answered in full. */
  start(state: RatingState): Promise<void>;
  choose(choice: Choice): Promise<void>;
  /** On from a pause, an explanation, or a question that has its label already. */
  goOn(): Promise<void>;
  /** To the question before; its label can be changed. */
  back(): Promise<void>;
  /** From an earlier trial to the first one that is not answered in full. */
  toOpen(): Promise<void>;
  canGoBack(): boolean;
  /** A label or pixels are on their way. */
  busy(): boolean;
  /** A connection came back while nothing was on its way. */
  refresh(state: RatingState): void;
  stop(): void;
}

export interface WalkOptions {
  readonly client: RatingClient;
  readonly attention: Attention;
  readonly look: Look;
  readonly paint: Paint;
  readonly performance: Pick<Performance, 'now' | 'mark'>;
  readonly newEventId: () => string;
  readonly state: ShallowRef<RatingState | null>;
  /** Open the session again on a new connection. */
  readonly reopen: () => Promise<RatingState>;
  /** Every trial is answered, or the study ended: the session shows another screen. */
  readonly left: (state: RatingState) => void;
  readonly failed: (error: unknown) => void;
  readonly say: (text: string) => void;
}

export function createWalk(options: WalkOptions): Walk {
  const { client, attention, look, paint, state, say } = options;
  const showings = createShowings(client);
  const shown = shallowRef<Shown | null>(null);
  const pause = ref<Pause | null>(null);
  const sending = ref<number | null>(null);
  const loading = ref(false);
  /** A label is on its way, shown or not. */
  let held = false;
  /** The position that a pause leads to. */
  let ahead = 0;
  /** Each move makes the ones before it stale. */
  let moves = 0;

  const current = (): RatingState => {
    if (!state.value) throw new Error('There is no session.');
    return state.value;
  };

  function put(next: Shown, said = '', press: { event: string } | null = null): void {
    const fresh = next.showing.trial !== shown.value?.showing.trial;
    const moved = pause.value !== null || next.showing.image !== shown.value?.showing.image;
    if (moved) look.reset();
    pause.value = null;
    shown.value = next;
    if (fresh || moved)
      showings.forgetBefore(Math.min(current().done, next.showing.trial.position));
    const { position } = next.showing.trial;
    attention.begin();
    void nextTick(() => {
      const same = () => shown.value === next;
      paint.afterPaint((at) => same() && attention.painted(at));
      if (press) {
        paint.afterFrame(() =>
          options.performance.mark(marks.painted, {
            detail: { event: press.event, position, question: next.question },
          }),
        );
      }
    });
    say([said, spoken(next, current())].filter(Boolean).join(' '));
  }

  async function show(
    position: number,
    question: number | 'last' | null = null,
    said = '',
    press: { event: string } | null = null,
  ): Promise<void> {
    const move = (moves += 1);
    const ready = showings.at(position);
    const put_ = (showing: Showing) => {
      const { trial } = showing;
      const at = question === 'last' ? lastOf(trial) : (question ?? firstOpen(trial));
      put({ showing, question: at, explaining: false }, said, press);
    };
    if (ready) return put_(ready);
    loading.value = true;
    try {
      const showing = await fetched(position);
      if (move === moves) put_(showing);
    } catch (error) {
      if (move === moves) options.failed(error);
    } finally {
      if (move === moves) loading.value = false;
    }
  }

  /** Across lost connections: after each, the session is opened again first. */
  async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Disconnected)) throw error;
      }
      await client.connected();
      try {
        const reopened = await options.reopen();
        state.value = reopened;
        showings.offer(reopened.current);
        showings.offer(reopened.next);
      } catch (error) {
        if (!(error instanceof Disconnected)) throw error;
      }
    }
  }

  const fetched = (position: number): Promise<Showing> => patiently(() => showings.fetch(position));

  function rest(next: Pause, position: number, said = ''): void {
    moves += 1;
    ahead = position;
    pause.value = next;
    say([said, pauseTexts[next]].filter(Boolean).join(' '));
  }

  /** What comes between the trial before and this one, if anything does. */
  function pauseBefore(position: number, first: boolean): Pause | null {
    const { practice, study, total } = current();
    if (position === practice) return 'trials-begin';
    if (position === 0) return 'practice-begins';
    const rated = position - practice;
    const due = study.breakEvery > 0 && rated > 0 && rated % study.breakEvery === 0;
    return !first && due && position < total ? 'break' : null;
  }

  /** After the last question of a trial. */
  async function onward(
    position: number,
    said: string,
    press: { event: string } | null,
    finished: boolean,
  ): Promise<void> {
    const now = current();
    const next = position + 1;
    if (next >= now.total || now.phase !== 'trials') {
      stop();
      return options.left(now);
    }
    const between = finished ? pauseBefore(next, false) : null;
    return between ? rest(between, next, said) : show(next, null, said, press);
  }

  /** From a question on to the next one, an explanation or the next trial. */
  function proceed(
    from: Shown,
    said = '',
    press: { event: string } | null = null,
    finished = false,
  ): Promise<void> | void {
    const showing = showings.at(from.showing.trial.position) ?? from.showing;
    const { trial } = showing;
    if (from.question < lastOf(trial) && trial.instruction === null) {
      moves += 1;
      return put({ showing, question: from.question + 1, explaining: false }, said, press);
    }
    if (trial.practice && trial.explanation !== null && !from.explaining) {
      moves += 1;
      return put({ showing, question: from.question, explaining: true }, said, press);
    }
    return onward(trial.position, said, press, finished);
  }

  /** Records a label; resolves only when it is stored. */
  async function record(answer: Answer): Promise<void> {
    const answered: Answered = await patiently(() => client.call('rating.answer', answer));
    const { done, phase, secondsLeft, next } = answered;
    state.value = { ...current(), done, phase, secondsLeft, next };
    showings.label(answer.position, answer.question, answer.score);
  }

  async function choose({ score, input, at }: Choice): Promise<void> {
    const from = shown.value;
    if (!from || pause.value || from.explaining || held || loading.value) return;
    held = true;
    const showing = setTimeout(() => void (sending.value = score), soon);
    const release = () => {
      clearTimeout(showing);
      held = false;
      sending.value = null;
    };
    const { trial } = from.showing;
    const telemetry = attention.take({ at, input, zoom: look.actual.value });
    const event = options.newEventId();
    const before = current().done;
    options.performance.mark(marks.press, { startTime: at, detail: { event } });
    try {
      // An instruction stands for all questions, and so does the label given to it.
      const asked = trial.instruction === null ? [from.question] : trial.questions.map((_, i) => i);
      for (const i of asked) {
        const question = trial.questions[i]?.id;
        if (question === undefined) continue;
        const own = i === asked[0] ? event : options.newEventId();
        await record({ event: own, position: trial.position, question, score, telemetry });
      }
      options.performance.mark(marks.recorded, { detail: { event } });
      release();
      const label = labelsAsked(from, current())[score - 1] ?? String(score);
      await proceed(from, `${label} recorded.`, { event }, current().done > before);
    } catch (error) {
      release();
      options.failed(error);
    } finally {
      // After the screen moved, so that the way there is not made longer.
      showings.offer(state.value?.next ?? null);
    }
  }

  function stop(): void {
    moves += 1;
    shown.value = null;
    pause.value = null;
    loading.value = false;
  }

  return {
    shown,
    pause,
    sending,
    loading,
    stop,
    async start(begun) {
      showings.clear();
      stop();
      const { current: trial, next } = begun;
      if (!trial) return options.left(begun);
      showings.offer(trial);
      showings.offer(next);
      const untouched = trial.questions.every(({ score }) => score === null);
      const before = untouched ? pauseBefore(trial.position, true) : null;
      if (before) rest(before, trial.position);
      else await show(trial.position);
    },
    choose,
    async goOn() {
      if (held || loading.value) return;
      if (pause.value) return show(ahead);
      const from = shown.value;
      if (!from) return;
      if (from.explaining) {
        const { position } = from.showing.trial;
        return onward(position, '', null, current().done === position + 1);
      }
      if (from.showing.trial.questions[from.question]?.score !== null) await proceed(from);
    },
    async back() {
      if (held || loading.value) return;
      const from = shown.value;
      if (pause.value) return ahead > 0 ? show(ahead - 1, 'last') : undefined;
      if (!from) {
        const { total, phase } = current();
        return phase === 'thanks' && total > 0 ? show(total - 1, 'last') : undefined;
      }
      const { trial } = from.showing;
      if (from.explaining || (from.question > 0 && trial.instruction === null)) {
        moves += 1;
        const question = from.explaining ? from.question : from.question - 1;
        const showing = showings.at(trial.position) ?? from.showing;
        return put({ showing, question, explaining: false });
      }
      if (trial.position > 0) await show(trial.position - 1, 'last');
    },
    async toOpen() {
      if (held || loading.value) return;
      const now = current();
      if (now.phase === 'trials') return show(now.done);
      stop();
      options.left(now);
    },
    busy: () => held || loading.value,
    canGoBack() {
      if (pause.value) return ahead > 0;
      const from = shown.value;
      return (
        from !== null && (from.question > 0 || from.explaining || from.showing.trial.position > 0)
      );
    },
    refresh(reopened) {
      showings.offer(reopened.current);
      showings.offer(reopened.next);
    },
  };
}

const pauseTexts: Record<Pause, string> = {
  'practice-begins': 'First some practice.',
  'trials-begin': 'Now the trials begin.',
  break: 'Time for a break.',
};

const lastOf = ({ questions }: RatingTrial): number => questions.length - 1;

/** The first question without a label; the first one where all have theirs. */
function firstOpen(trial: RatingTrial): number {
  const open = trial.questions.findIndex(({ score }) => score === null);
  return trial.instruction === null ? Math.max(0, open) : 0;
}

/** The question that stands on the screen, as the study asks it. */
function questionAsked({ showing, question }: Shown, { study }: RatingState) {
  const id = showing.trial.questions[question]?.id;
  return study.questions.find((one) => one.id === id) ?? null;
}

/** The labels to choose from, lowest first. */
export const labelsAsked = (shown: Shown, state: RatingState): readonly string[] =>
  questionAsked(shown, state)?.labels ?? [];

/** Where a trial stands, in words. */
export function placeOf(trial: RatingTrial, { practice, total }: RatingState): string {
  return trial.practice
    ? `Practice ${trial.position + 1} of ${practice}`
    : `Trial ${trial.position - practice + 1} of ${total - practice}`;
}

/** What a screen reader says when this is shown. */
function spoken(shown: Shown, state: RatingState): string {
  const {
    showing: { trial },
    explaining,
  } = shown;
  const place = `${placeOf(trial, state)}.`;
  if (explaining) return `${place} ${trial.explanation ?? ''}`;
  if (trial.instruction !== null) return `${place} ${trial.instruction}`;
  const asked = questionAsked(shown, state);
  return `${place} ${asked ? `${asked.title}: ${asked.text}` : ''}`;
}
