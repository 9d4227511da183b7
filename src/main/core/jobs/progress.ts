import { type EngineProgress } from '../../../shared/engine';
import { type JobProgress, waitingForWorker } from '../../../shared/jobs';
import { type ItemSpec } from './item-spec';
import { openChains, simulate } from './simulate';

/** What a job will do, with the seconds that each item should take. */
export interface StagePlan {
  readonly id: string;
  readonly title: string;
  readonly items: readonly ItemPlan[];
}

export interface ItemPlan {
  readonly id: string;
  readonly title: string;
  /** Expected seconds by measured rates, or a weight in the same proportions. */
  readonly cost: number;
}

/** How far an item may outrun its expectation before the estimate follows it alone. */
const settled = 0.05;
/** Seconds over which a rate is averaged. */
const rateWindow = 3;

interface StageState {
  readonly plan: StagePlan;
  readonly remaining: Map<string, ItemPlan>;
  doneCost: number;
  /** Of the items computed by a measured attempt: what was expected and what it took. */
  expected: number;
  taken: number;
}

interface CurrentItem {
  readonly stage: StageState;
  readonly item: ItemPlan;
  readonly startedAt: number;
  progress: EngineProgress | null;
  samples: { at: number; done: number }[];
}

/**
 * Where a job is: items done, share of the whole by expected time, and the time left. Expectations
 * come from measured rates where there are some (`measured`), and every item computed corrects
 * those of its stage.
 */
export class ProgressTracker {
  readonly #job: string;
  readonly #monotonic: () => number;
  readonly #measured: boolean;
  readonly #stages = new Map<string, StageState>();
  readonly #elapsedBefore: number;
  readonly #startedAt: number;
  readonly #total: number;
  #done = 0;
  #share = 0;
  /** Under way, the longest first. */
  readonly #current = new Map<string, CurrentItem>();
  /** Opened, and nobody is at them yet. */
  readonly #waiting = new Set<string>();
  readonly #specs: readonly ItemSpec[];

  constructor(options: {
    job: string;
    stages: readonly StagePlan[];
    measured: boolean;
    /** What waits for what; default: nothing is known of it, and one item follows the other. */
    specs?: readonly ItemSpec[];
    /** Milliseconds, monotonic. */
    monotonic: () => number;
    /** Seconds of earlier attempts. */
    elapsedBefore: number;
  }) {
    this.#job = options.job;
    this.#specs = options.specs ?? [];
    this.#monotonic = options.monotonic;
    this.#measured = options.measured;
    this.#elapsedBefore = options.elapsedBefore;
    this.#startedAt = options.monotonic();
    this.#total = options.stages.reduce((sum, stage) => sum + stage.items.length, 0);
    for (const plan of options.stages) {
      const remaining = new Map(plan.items.map((item) => [item.id, item]));
      this.#stages.set(plan.id, { plan, remaining, doneCost: 0, expected: 0, taken: 0 });
    }
  }

  /** It is to be done; one that was done is open again: what it made was lost. */
  open(stage: string, item: string): void {
    const { state, plan } = this.#planned(stage, item);
    this.#waiting.add(keyOf(stage, item));
    if (state.remaining.has(item)) return;
    state.remaining.set(item, plan);
    state.doneCost -= plan.cost;
    this.#done -= 1;
  }

  /** Somebody is at it. */
  begin(stage: string, item: string): void {
    this.open(stage, item);
    this.#waiting.delete(keyOf(stage, item));
    const { state, plan } = this.#planned(stage, item);
    this.#current.set(keyOf(stage, item), {
      stage: state,
      item: plan,
      startedAt: this.#monotonic(),
      progress: null,
      samples: [],
    });
  }

  /** Whoever was at it is gone: it waits for another. */
  wait(stage: string, item: string): void {
    this.#current.delete(keyOf(stage, item));
    this.open(stage, item);
  }

  /** What is under way, else whether something waits. */
  #title(): string {
    const [current] = this.#current.values();
    if (!current) return this.#waiting.size > 0 ? waitingForWorker : '';
    const others = this.#current.size - 1;
    return others > 0 ? `${current.item.title} and ${others} more` : current.item.title;
  }

  #planned(stage: string, item: string): { state: StageState; plan: ItemPlan } {
    const state = this.#stages.get(stage);
    const plan = state?.plan.items.find(({ id }) => id === item);
    if (!state || !plan) throw new RangeError(`the plan holds no item ${stage} ${item}`);
    return { state, plan };
  }

  /** Seconds that an item should take on this machine; null where no rate was measured. */
  expected(stage: string, item: string): number | null {
    return this.#measured ? this.#planned(stage, item).plan.cost : null;
  }

  /** It ended without being done. */
  abandon(stage: string, item: string): void {
    this.#waiting.delete(keyOf(stage, item));
    this.#current.delete(keyOf(stage, item));
  }

  report(stage: string, item: string, progress: EngineProgress): void {
    const current = this.#current.get(keyOf(stage, item));
    if (!current) return;
    const at = this.#monotonic();
    // A second request within the item counts from 0 again.
    if (current.progress && progress.done < current.progress.done) current.samples = [];
    current.progress = progress;
    current.samples.push({ at, done: progress.done });
    while (current.samples.length > 2 && at - (current.samples[0]?.at ?? at) > rateWindow * 1000) {
      current.samples.shift();
    }
  }

  /** The item is done; `seconds` null where it was not computed now. */
  finish(stage: string, item: string, seconds: number | null): void {
    const state = this.#stages.get(stage);
    const plan = state?.remaining.get(item);
    if (!state || !plan) throw new RangeError(`the plan holds no item ${stage} ${item}`);
    state.remaining.delete(item);
    state.doneCost += plan.cost;
    this.#done += 1;
    this.#waiting.delete(keyOf(stage, item));
    if (seconds !== null) {
      state.expected += plan.cost;
      state.taken += seconds;
    }
    this.#current.delete(keyOf(stage, item));
  }

  snapshot(): JobProgress {
    const [current] = this.#current.values();
    const itemShare = current ? shareOf(current) : 0;
    const last = [...this.#stages.values()].findLast((stage) => stage.doneCost > 0);
    const stage = current?.stage ?? last ?? [...this.#stages.values()][0];
    const { loss, accuracy } = current?.progress ?? {};
    const known = this.#measured || [...this.#stages.values()].some((s) => this.#evidence(s));
    return {
      job: this.#job,
      stage: stage?.plan.id ?? '',
      item: this.#title(),
      itemsDone: this.#done,
      itemsTotal: this.#total,
      itemShare,
      share: this.#shareOfTime(),
      rate: current ? rateOf(current) : null,
      unit: current?.progress?.unit ?? null,
      secondsLeft: known ? this.#secondsLeft() : null,
      elapsed: this.#elapsedBefore + (this.#monotonic() - this.#startedAt) / 1000,
      ...(loss === undefined ? {} : { loss }),
      ...(accuracy === undefined ? {} : { accuracy }),
    };
  }

  /** Expected and taken seconds of a stage, the item under way included once it says enough. */
  #evidence(stage: StageState): { expected: number; taken: number } | null {
    let { expected, taken } = stage;
    for (const current of this.#current.values()) {
      const share = shareOf(current) - shareBefore(current);
      if (current.stage !== stage || share <= settled) continue;
      expected += current.item.cost * share;
      taken += (this.#monotonic() - current.startedAt) / 1000;
    }
    return expected > 0 && taken > 0 ? { expected, taken } : null;
  }

  /** Seconds per expected second of a stage: its own evidence, else all the others'. */
  #factor(stage: StageState): number {
    const own = this.#evidence(stage);
    if (own) return own.taken / own.expected;
    if (this.#measured) return 1;
    let expected = 0;
    let taken = 0;
    for (const other of this.#stages.values()) {
      const evidence = this.#evidence(other);
      expected += evidence?.expected ?? 0;
      taken += evidence?.taken ?? 0;
    }
    return expected > 0 ? taken / expected : 1;
  }

  /** With several under way, until as many places have done the rest, each what is ready for it. */
  #secondsLeft(): number {
    const places = this.#current.size;
    if (places > 1 && this.#specs.length > 0) {
      const chains = openChains(this.#specs, (stage, item) => this.#left(stage, item.id));
      return simulate(
        chains,
        Array.from({ length: places }, () => 1),
      ).seconds;
    }
    let seconds = 0;
    for (const stage of this.#stages.values()) {
      seconds += this.#costLeft(stage) * this.#factor(stage);
    }
    return seconds;
  }

  /** Expected seconds of an item's rest; null where it is done. */
  #left(stage: string, item: string): number | null {
    const state = this.#stages.get(stage);
    const open = state?.remaining.get(item);
    if (!state || !open) return null;
    const current = this.#current.get(keyOf(stage, item));
    return open.cost * this.#factor(state) * (current ? 1 - shareOf(current) : 1);
  }

  #costLeft(stage: StageState): number {
    let cost = 0;
    for (const item of stage.remaining.values()) {
      const current = this.#current.get(keyOf(stage.plan.id, item.id));
      cost += item.cost * (current ? 1 - shareOf(current) : 1);
    }
    return cost;
  }

  /** Never falls, though better estimates may say that more is left than was thought. */
  #shareOfTime(): number {
    let done = 0;
    let left = 0;
    for (const stage of this.#stages.values()) {
      const factor = this.#factor(stage);
      const open = this.#costLeft(stage);
      const whole = stage.plan.items.reduce((sum, item) => sum + item.cost, 0);
      done += (whole - open) * factor;
      left += open * factor;
    }
    const share = done + left > 0 ? done / (done + left) : 0;
    this.#share = Math.min(1, Math.max(this.#share, share));
    return this.#share;
  }
}

const keyOf = (stage: string, item: string): string => `${stage} ${item}`;

/** How much of an item is done, by what it reports. */
function shareOf({ progress }: CurrentItem): number {
  if (!progress || progress.total <= 0) return 0;
  return Math.min(1, Math.max(0, progress.done / progress.total));
}

/** How much of it was done when this attempt began. */
function shareBefore({ progress }: CurrentItem): number {
  const { before = 0, total } = progress ?? { total: 0 };
  return total > 0 ? Math.min(1, before / total) : 0;
}

/** Units a second; null before two reports. */
function rateOf({ samples }: CurrentItem): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at <= first.at) return null;
  return ((last.done - first.done) * 1000) / (last.at - first.at);
}
