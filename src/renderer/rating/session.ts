import { computed, ref, type Ref, shallowRef, type ShallowRef } from 'vue';
import { type ErrorData, StudioError, toErrorData } from '../../shared/errors';
import { type RatingPhase, type RatingState } from '../../shared/ratings/rating-routes';
import { Disconnected, type RatingClient, type RatingInput } from './client';
import { type Attention, createAttention } from './walk/attention';
import { createLook, type Look } from './walk/look';
import { type Paint } from './walk/paint';
import { createWalk, type Pause, type Walk } from './walk/walk';

/** What fills the page: a phase of the session, or one of the screens that lie between. */
export type Screen =
  | Exclude<RatingPhase, 'trials'>
  | Pause
  | 'loading'
  | 'failed'
  | 'made-code'
  | 'declined'
  | 'trial'
  | 'ended';

export interface RatingSession {
  readonly screen: Readonly<Ref<Screen>>;
  readonly state: Readonly<ShallowRef<RatingState | null>>;
  /** What was refused or failed last; null once something succeeded. */
  readonly problem: Readonly<ShallowRef<ErrorData | null>>;
  /** A call of a form is on its way. */
  readonly busy: Readonly<Ref<boolean>>;
  /** For the live region. */
  readonly said: Readonly<Ref<string>>;
  readonly client: Pick<RatingClient, 'connection' | 'retry'>;
  readonly walk: Walk;
  readonly look: Look;
  open(): Promise<void>;
  enter(code: string | null): Promise<void>;
  /** A made code was noted. */
  noted(): void;
  describe(answers: RatingInput<'rating.describe'>): Promise<void>;
  advance(from: 'instructions' | 'consent'): Promise<void>;
  decline(): void;
  reconsider(): void;
  withdraw(): Promise<boolean>;
  leave(): Promise<void>;
  /** True where annotator mode has ended. */
  end(passphrase: string | null): Promise<boolean>;
  dismiss(): void;
  /** Load the page anew: whoever holds this browser now gets what is theirs. */
  reload(): void;
}

export interface SessionOptions {
  readonly client: RatingClient;
  readonly paint: Paint;
  readonly window: Window;
  readonly newEventId: () => string;
  /** Annotator mode has ended: to the researcher's app, where the shell does not do so itself. */
  readonly goToApp: () => void;
}

/** Refusals after which the page is not where the server is. */
const misplaced: readonly ErrorData['code'][] = ['conflict', 'forbidden', 'not-found'];

export function createRatingSession(options: SessionOptions): RatingSession {
  const { client, window } = options;
  const { performance } = window;
  const state = shallowRef<RatingState | null>(null);
  const problem = shallowRef<ErrorData | null>(null);
  const busy = ref(false);
  const said = ref('');
  const standing = ref<Screen>('loading');
  const attention: Attention = createAttention({
    now: () => performance.now(),
    timeOrigin: performance.timeOrigin,
    window,
    document: window.document,
  });
  const look = createLook(attention);

  const screenOf = () => ({
    width: Math.round(window.screen.width),
    height: Math.round(window.screen.height),
    pixelRatio: window.devicePixelRatio,
  });
  const reopen = () => client.call('rating.open', { screen: screenOf() });

  const walk = createWalk({
    client,
    attention,
    look,
    paint: options.paint,
    performance,
    newEventId: options.newEventId,
    state,
    reopen,
    left: (next) => {
      standing.value = next.phase === 'trials' ? 'loading' : next.phase;
      if (next.phase === 'thanks') said.value = 'Everything is rated. Thank you.';
    },
    failed: (error) => void failed(error),
    say: (text) => void (said.value = text),
  });

  const screen = computed<Screen>(() => {
    if (walk.pause.value) return walk.pause.value;
    return walk.shown.value ? 'trial' : standing.value;
  });

  async function adopt(next: RatingState): Promise<void> {
    state.value = next;
    if (next.phase === 'trials') {
      standing.value = 'loading';
      await walk.start(next);
    } else {
      walk.stop();
      standing.value = next.phase;
    }
  }

  /** Shows what went wrong; where the server stands elsewhere, goes there. */
  async function failed(error: unknown): Promise<void> {
    problem.value = describeFailure(error);
    if (!(error instanceof StudioError) || !misplaced.includes(error.code)) return;
    try {
      await adopt(await reopen());
    } catch (again) {
      problem.value = describeFailure(again);
      if (!(again instanceof StudioError)) return;
      walk.stop();
      standing.value = 'failed';
    }
  }

  /** One call of a form at a time; true where it succeeded. */
  async function run(call: () => Promise<RatingState | null>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    try {
      const next = await call();
      problem.value = null;
      // Before the next screen comes: its button must be able to take the focus.
      busy.value = false;
      if (next) await adopt(next);
      return true;
    } catch (error) {
      problem.value = describeFailure(error);
      return false;
    } finally {
      busy.value = false;
    }
  }

  client.onReconnect(() => {
    // Whoever waits for a recorded label opens the session again and goes on from there.
    if (busy.value || walk.busy()) return;
    if (standing.value === 'failed' || state.value === null) return void session.open();
    void reopen().then(async (next) => {
      const moved =
        next.phase !== state.value?.phase || next.rater?.code !== state.value.rater?.code;
      if (moved) return adopt(next);
      state.value = next;
      walk.refresh(next);
    }, failed);
  });

  const session: RatingSession = {
    screen,
    state,
    problem,
    busy,
    said,
    client,
    walk,
    look,
    async open() {
      if (!(await run(reopen)) && state.value === null) standing.value = 'failed';
    },
    async enter(code) {
      await run(async () => client.call('rating.enter', { code, screen: screenOf() }));
      if (code === null && problem.value === null && state.value?.rater) {
        standing.value = 'made-code';
      }
    },
    noted() {
      const phase = state.value?.phase;
      if (phase && phase !== 'trials') standing.value = phase;
    },
    async describe(answers) {
      await run(() => client.call('rating.describe', answers));
    },
    async advance(from) {
      await run(() => client.call('rating.advance', { from }));
    },
    decline: () => void (standing.value = 'declined'),
    reconsider: () => void (standing.value = 'consent'),
    withdraw: () => run(() => client.call('rating.withdraw', {})),
    async leave() {
      await run(() => client.call('rating.leave', {}));
    },
    async end(passphrase) {
      const ended = await run(async () => {
        await client.call('rating.end', { passphrase });
        return null;
      });
      if (!ended) return false;
      walk.stop();
      standing.value = 'ended';
      options.goToApp();
      return true;
    },
    dismiss: () => void (problem.value = null),
    reload: () => window.location.reload(),
  };
  return session;
}

function describeFailure(error: unknown): ErrorData {
  if (!(error instanceof Disconnected)) return toErrorData(error);
  return {
    code: 'internal',
    message: 'The connection was lost before an answer came. Try again once it is back.',
  };
}
