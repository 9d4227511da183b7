import { toWire } from '../../src/shared/arrays';
import { StudioError, toErrorData } from '../../src/shared/errors';
import { copyOf } from '../../src/shared/ratings/study';
import { defaultQuestions, type Question } from '../../src/shared/ratings/questions';
import { type RatingState, type RatingTrial } from '../../src/shared/ratings/rating-routes';
import {
  createRatingClient,
  type RatingClient,
  type RatingInput,
} from '../../src/renderer/rating/client';
import { createRatingSession, type RatingSession } from '../../src/renderer/rating/session';
import { type Paint } from '../../src/renderer/rating/walk/paint';
import { type ConnectionState, type Transport } from '../../src/renderer/api/transport';

export type Answer = RatingInput<'rating.answer'>;

export interface Script {
  practice?: number;
  trials?: number;
  breakEvery?: number;
  /** Positions of instructed checks. */
  instructed?: readonly number[];
  entry?: 'desk' | 'link';
  passphrase?: string;
  phase?: RatingState['phase'];
  /** What is asked, of every other trial the other way round. */
  questions?: readonly Question[];
}

/** The other end of a rating page: keeps labels as the application does, in memory. */
export function scriptedRating(script: Script = {}) {
  const { practice = 0, trials = 3, breakEvery = 0, instructed = [], entry = 'link' } = script;
  const { questions = defaultQuestions } = script;
  const total = practice + trials;
  const events: Answer[] = [];
  const calls: { route: string; input: unknown }[] = [];
  const states = new Set<(state: ConnectionState) => void>();
  const ids = new Set<string>();
  let phase: RatingState['phase'] = script.phase ?? 'trials';
  let code: string | null = entry === 'link' ? 'R1' : null;
  let connection: ConnectionState = 'open';
  let drawn = 0;
  /** What happens to the next answers: nothing, or the connection breaks before or after. */
  const faults: ('lose-request' | 'lose-reply' | StudioError)[] = [];
  let held: { route: string; go: Promise<void> } | null = null;

  const draw = () => {
    drawn += 1;
    const id = `id${String(drawn).padStart(20, '0')}`;
    ids.add(id);
    return id;
  };
  const score = (position: number, question: string) =>
    events.findLast((event) => event.position === position && event.question === question)?.score ??
    null;
  const questionsOf = (position: number) => {
    const ids = questions.map(({ id }) => id);
    const order = position % 2 === 0 ? ids : [...ids].reverse();
    return order.map((id) => ({ id, score: score(position, id) }));
  };
  const answered = (position: number) => questionsOf(position).every((one) => one.score !== null);
  const done = () => Array.from({ length: total }, (_, i) => i).filter(answered).length;
  const first = () => {
    for (let i = 0; i < total; i += 1) if (!answered(i)) return i;
    return total;
  };
  const trial = (position: number): RatingTrial | null =>
    position >= total
      ? null
      : {
          position,
          practice: position < practice,
          image: draw(),
          map: draw(),
          className: `class ${position}`,
          questions: questionsOf(position),
          instruction: instructed.includes(position) ? 'Please choose High.' : null,
          explanation: position < practice ? `Explained ${position}.` : null,
        };
  const phaseNow = () => (phase === 'trials' && first() === total ? 'thanks' : phase);
  const state = (): RatingState => ({
    entry,
    passphrase: script.passphrase !== undefined,
    phase: phaseNow(),
    study: {
      title: 'Rating maps',
      instructions: 'Rate what you see.',
      consent: 'Voluntary.',
      thanks: 'Thanks for all.',
      questions: copyOf(questions),
      background: [
        { id: 'work', text: 'What is your work?', options: [] },
        { id: 'age', text: 'Your age?', options: ['under 40', '40 or over'] },
      ],
      breakEvery,
      largest: [4, 4],
    },
    rater: code === null ? null : { code },
    total,
    done: done(),
    practice,
    secondsLeft: 90,
    current: phaseNow() === 'trials' ? trial(first()) : null,
    next: phaseNow() === 'trials' ? trial(first() + 1) : null,
  });

  const handlers: Record<string, (input: never) => unknown> = {
    'rating.open': state,
    'rating.enter': (input: { code: string | null }) => {
      code = input.code ?? 'MADE-7';
      phase = 'background';
      return state();
    },
    'rating.describe': () => ((phase = 'instructions'), state()),
    'rating.advance': ({ from }: { from: string }) => {
      phase = from === 'instructions' ? 'consent' : 'trials';
      return state();
    },
    'rating.pixels': ({ id }: { id: string }) => {
      if (!ids.has(id)) throw new StudioError({ code: 'not-found', message: 'Shown no more.' });
      const data = new Uint8Array(4 * 4 * 4).fill(Number(id.slice(-2)));
      return { pixels: toWire({ shape: [4, 4, 4], data }) };
    },
    'rating.trial': ({ position }: { position: number }) => trial(position),
    'rating.answer': (input: Answer) => {
      if (!events.some(({ event }) => event === input.event)) events.push(input);
      return {
        done: done(),
        phase: phaseNow(),
        secondsLeft: 60,
        next: phaseNow() === 'trials' ? trial(first() + 1) : null,
      };
    },
    'rating.withdraw': () => ((phase = 'withdrawn'), state()),
    'rating.leave': () => ((phase = 'code'), (code = null), state()),
    'rating.end': ({ passphrase }: { passphrase: string | null }) => {
      if (script.passphrase !== undefined && passphrase !== script.passphrase) {
        throw new StudioError({ code: 'forbidden', message: 'Not the passphrase.' });
      }
      return {};
    },
  };

  const setState = (next: ConnectionState) => {
    connection = next;
    for (const listener of states) listener(next);
  };

  const transport: Transport = {
    get state() {
      return connection;
    },
    async send({ id, route, input }) {
      calls.push({ route, input });
      if (connection !== 'open') throw new Error('not connected');
      if (held?.route === route) await held.go;
      const fault = route === 'rating.answer' ? faults.shift() : undefined;
      if (fault === 'lose-request') {
        setState('lost');
        throw new Error('lost');
      }
      try {
        if (fault instanceof StudioError) throw fault;
        const output = handlers[route]?.(input as never);
        if (fault === 'lose-reply') setState('lost');
        else return { type: 'answer', id, output };
      } catch (error) {
        return { type: 'failure', id, error: toErrorData(error) };
      }
      throw new Error('lost');
    },
    onEvent: () => () => undefined,
    onState: (listener) => {
      states.add(listener);
      return () => states.delete(listener);
    },
    retry: () => setState('open'),
  };

  return {
    transport,
    events,
    calls,
    faults,
    setState,
    close: () => void (phase = 'closed'),
    /** Forget every id, as a restarted application does. */
    forgetIds: () => ids.clear(),
    /** Holds calls of a route until the answer is called. */
    hold(route: string): () => void {
      let release: () => void = () => undefined;
      held = { route, go: new Promise((resolve) => (release = resolve)) };
      return () => {
        held = null;
        release();
      };
    },
  };
}

export type ScriptedRating = ReturnType<typeof scriptedRating>;

/** Paints at once. */
export const promptPaint: Paint = {
  afterFrame: (callback) => callback(),
  afterPaint: (callback) => callback(performance.now()),
};

/** A session on a script, opened. */
export async function sessionOn(
  rating: ScriptedRating,
  over: { goToApp?: () => void } = {},
): Promise<{ session: RatingSession; client: RatingClient }> {
  const client = createRatingClient(rating.transport);
  const session = createRatingSession({
    client,
    paint: promptPaint,
    window,
    newEventId: () => crypto.randomUUID(),
    goToApp: over.goToApp ?? (() => undefined),
  });
  await session.open();
  return { session, client };
}

/** Choose a label, as a key would. */
export const choose = (session: RatingSession, score: number): Promise<void> =>
  session.walk.choose({ score, input: 'keyboard', at: performance.now() });

/** Where the session stands, in a word: a screen, or position, question and whether explained. */
export function standing({ screen, walk }: RatingSession): string {
  const shown = walk.shown.value;
  if (screen.value !== 'trial' || !shown) return screen.value;
  return `${shown.showing.trial.position}.${shown.question}${shown.explaining ? ' explained' : ''}`;
}

/** Let promises settle. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
