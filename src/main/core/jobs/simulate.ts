import { valueAt } from '../../../shared/checked-reads';
import { type SimulationLimit } from '../../../shared/simulation';
import { Heap } from './heap';
import { type ItemSpec, type PlannedItem } from './item-spec';

/** What is left of a spec, which stays with the worker that begins it. */
export interface OpenChain {
  readonly id: string;
  /** Seconds on a worker of rate 1, which is this machine. */
  readonly cost: number;
  /** Ids of what must be done first; those that are not among the open ones are done. */
  readonly needs: readonly string[];
}

export interface Simulation {
  readonly seconds: number;
  /** Of the workers' time until the end, weighted by their rates, from 0 to 1. */
  readonly idle: number;
  readonly limit: SimulationLimit;
}

/** Idle share up to which the amount of work alone is what limits. */
const busyEnough = 0.05;
/** How near to the longest path the end is where that path limits. */
const nearPath = 1.05;

/** The open rest of a plan, in its order. `left`: expected seconds of an item, null where it is done. */
export function openChains(
  specs: readonly ItemSpec[],
  left: (stage: string, item: PlannedItem) => number | null,
): OpenChain[] {
  return specs.flatMap(({ id, stage, needs, items }) => {
    const open = items.map((item) => left(stage, item)).filter((cost) => cost !== null);
    // One that costs nothing still waits for what it needs, and is waited for.
    return open.length === 0 ? [] : [{ id, needs, cost: open.reduce((sum, cost) => sum + cost) }];
  });
}

/**
 * When chains will be done that workers take as they become ready and free, in the order given: the
 * longest-ready first, the fastest free worker first. Transfers cost nothing here.
 *
 * @param rates of the workers, in seconds of this machine's work a second; at least one, above 0
 * @throws RangeError where no worker is given or chains wait for one another
 */
export function simulate(chains: readonly OpenChain[], rates: readonly number[]): Simulation {
  if (rates.length === 0 || rates.some((rate) => !(rate > 0))) {
    throw new RangeError(`rates of workers above 0 are needed, not [${rates.join(', ')}]`);
  }
  const links = linksOf(chains);
  const { frees } = links;
  const waitsFor = [...links.waitsFor];
  const ready = new Heap<{ index: number; since: number }>((a, b) =>
    a.since === b.since ? a.index < b.index : a.since < b.since,
  );
  const free = new Heap<number>((a, b) => {
    const [first, second] = [valueAt(rates, a), valueAt(rates, b)];
    return first === second ? a < b : first > second;
  });
  const busy = new Heap<{ until: number; index: number; worker: number }>((a, b) =>
    a.until === b.until ? a.index < b.index : a.until < b.until,
  );
  rates.forEach((_, worker) => free.put(worker));
  waitsFor.forEach((count, index) => {
    if (count === 0) ready.put({ index, since: 0 });
  });
  let [now, done] = [0, 0];
  for (;;) {
    while (ready.size > 0 && free.size > 0) {
      const { index } = taken(ready);
      const worker = taken(free);
      const until = now + valueAt(chains, index).cost / valueAt(rates, worker);
      busy.put({ until, index, worker });
    }
    const ended = busy.take();
    if (!ended) break;
    now = ended.until;
    done += 1;
    free.put(ended.worker);
    for (const index of valueAt(frees, ended.index)) {
      const count = valueAt(waitsFor, index) - 1;
      waitsFor[index] = count;
      if (count === 0) ready.put({ index, since: now });
    }
  }
  if (done < chains.length) throw new RangeError('the chains wait for one another');
  return { seconds: now, ...limitOf(chains, links, rates, now) };
}

/** Seconds of the longest path of needs on a worker of rate 1. */
export function criticalPath(chains: readonly OpenChain[], links: Links = linksOf(chains)): number {
  const { frees } = links;
  const waitsFor = [...links.waitsFor];
  const starts = chains.map(() => 0);
  const next = waitsFor.flatMap((count, index) => (count === 0 ? [index] : []));
  let longest = 0;
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    const end = valueAt(starts, at) + valueAt(chains, at).cost;
    longest = Math.max(longest, end);
    for (const index of valueAt(frees, at)) {
      starts[index] = Math.max(valueAt(starts, index), end);
      const count = valueAt(waitsFor, index) - 1;
      waitsFor[index] = count;
      if (count === 0) next.push(index);
    }
  }
  return longest;
}

interface Links {
  /** How many open chains each waits for, by their places in the list. */
  readonly waitsFor: readonly number[];
  /** Which wait for it. */
  readonly frees: readonly (readonly number[])[];
}

function linksOf(chains: readonly OpenChain[]): Links {
  const places = new Map(chains.map(({ id }, index) => [id, index]));
  const frees: number[][] = chains.map(() => []);
  const waitsFor = chains.map(({ needs }, index) => {
    let open = 0;
    // One that is named twice counts twice on either side.
    for (const need of needs) {
      const place = places.get(need);
      if (place === undefined) continue;
      valueAt(frees, place).push(index);
      open += 1;
    }
    return open;
  });
  return { waitsFor, frees };
}

function limitOf(
  chains: readonly OpenChain[],
  links: Links,
  rates: readonly number[],
  seconds: number,
): Pick<Simulation, 'idle' | 'limit'> {
  const able = seconds * rates.reduce((sum, rate) => sum + rate, 0);
  const work = chains.reduce((sum, { cost }) => sum + cost, 0);
  const idle = able > 0 ? Math.max(0, 1 - work / able) : 0;
  if (idle <= busyEnough) return { idle, limit: 'work' };
  const path = criticalPath(chains, links) / Math.max(...rates);
  return { idle, limit: seconds <= path * nearPath ? 'path' : 'chains' };
}

function taken<T>(heap: Heap<T>): T {
  const value = heap.take();
  if (value === undefined) throw new RangeError('nothing is left to take');
  return value;
}
