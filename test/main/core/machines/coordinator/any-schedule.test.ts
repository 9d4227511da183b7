import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyChains, type Chain, chainedPlan, itemsOfAll, keyOf } from '../../jobs/chained-plan';
import { id } from '../../storage/helpers';
import { type TestValkey } from '../support/valkey';
import { valkeyOfFile } from './support/queued-plan';
import { openSite, performAlone, type SiteWorker } from './support/site';

const server = valkeyOfFile();

/** What happens while workers are at it. */
type Event =
  /** The queue loses everything. */
  | { readonly kind: 'flush' }
  /** Its server is killed and begun again, with what it wrote down or with nothing. */
  | { readonly kind: 'crash'; readonly empty: boolean }
  /** A worker is killed, and another begun in its place. */
  | { readonly kind: 'kill'; readonly worker: number }
  /** A worker gives back what it is at, and another is begun in its place. */
  | { readonly kind: 'restart'; readonly worker: number }
  /** A worker does not reach the queue for so long, in which another may be given its item. */
  | { readonly kind: 'outage'; readonly worker: number; readonly for: number }
  /** Its connections with the coordinator break, whatever is on its way through them. */
  | { readonly kind: 'reset'; readonly worker: number }
  /** The job is cancelled, and resumed. */
  | { readonly kind: 'resume' };

interface Schedule {
  readonly chains: readonly Chain[];
  readonly workers: number;
  /** Milliseconds that maps take, and whether they are told of twice: the first, the second, … */
  readonly delays: readonly number[];
  readonly twice: readonly boolean[];
  /** Milliseconds before each, after the one before it. */
  readonly events: readonly (readonly [number, Event])[];
}

const worker = fc.nat(2);
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('flush' as const) }),
  fc.record({ kind: fc.constant('crash' as const), empty: fc.boolean() }),
  fc.record({ kind: fc.constant('kill' as const), worker }),
  fc.record({ kind: fc.constant('restart' as const), worker }),
  fc.record({
    kind: fc.constant('outage' as const),
    worker,
    for: fc.integer({ min: 100, max: 900 }),
  }),
  fc.record({ kind: fc.constant('reset' as const), worker }),
  fc.record({ kind: fc.constant('resume' as const) }),
);

const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  chains: anyChains(6),
  workers: fc.integer({ min: 1, max: 3 }),
  delays: fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 8 }),
  twice: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
  events: fc
    .array(fc.tuple(fc.nat(250), anyEvent), { minLength: 1, maxLength: 5 })
    // An item whose worker ends four times is given up.
    .filter((events) => events.filter(([, { kind }]) => costly.has(kind)).length <= 3),
});
const costly: ReadonlySet<Event['kind']> = new Set(['kill', 'outage']);

/** Milliseconds in which the longest of these runs is done many times over. */
const deadline = 25_000;

async function follow(server: TestValkey, schedule: Schedule) {
  const { chains, workers, delays, twice, events } = schedule;
  const site = await openSite(server);
  let [maps, results] = [0, 0];
  const begin = () =>
    site.worker(
      () => delays[maps++ % delays.length] ?? 0,
      () => twice[results++ % twice.length] ?? false,
    );
  try {
    const there: SiteWorker[] = [];
    for (let count = 0; count < workers; count += 1) there.push(await begin());
    const plan = chainedPlan(chains);
    const cancelled = new Error('cancelled');
    let stop = new AbortController();
    let over = false;
    const run = async () => {
      while (!over) {
        stop = new AbortController();
        try {
          await site.perform(plan, stop.signal);
          over = true;
        } catch (error) {
          if (error !== cancelled) throw error;
        }
      }
    };
    const happen = async (event: Event) => {
      if (event.kind === 'flush') await site.flush();
      else if (event.kind === 'crash') await server.restart({ empty: event.empty });
      else if (event.kind === 'resume') stop.abort(cancelled);
      else {
        const index = event.worker % there.length;
        const one = there[index];
        if (event.kind === 'reset') one?.way.reset();
        else if (event.kind === 'outage') {
          one?.queueWay.cut();
          await sleep(event.for);
          one?.queueWay.restore();
        } else {
          if (event.kind === 'kill') await one?.die();
          else await one?.end();
          there[index] = await begin();
        }
      }
    };
    const running = run();
    const happening = (async () => {
      for (const [after, event] of events) {
        await sleep(after);
        if (over) return;
        await happen(event);
      }
    })();
    const late = sleep(deadline, undefined, { ref: false }).then(() => {
      throw new Error(`it is not done after ${deadline / 1000} s`);
    });
    await Promise.race([Promise.all([running, happening]), late]);
    await expect.poll(() => site.open(), { timeout: 5000 }).toBe(0);
    return {
      maps: await mapsIn(site.core, chains),
      done: [...site.core.jobs.doneItems(id('job', 'a'), 'work').keys()].sort(),
      failures: site.failures,
      told: itemsOfAll(chains).map((item) => site.told.get(keyOf(item))),
    };
  } finally {
    await site.close();
  }
}

async function mapsIn(
  { artifacts }: Awaited<ReturnType<typeof performAlone>>,
  chains: readonly Chain[],
) {
  const maps: Record<string, string> = {};
  for (const item of itemsOfAll(chains)) {
    maps[item] = (await artifacts.read(keyOf(item))).toString('hex');
  }
  return maps;
}

it('comes to what one machine comes to, each item told once, whatever happens to queue and workers', async () => {
  await fc.assert(
    fc.asyncProperty(anySchedule, async (schedule) => {
      const alone = await mapsIn(await performAlone(chainedPlan(schedule.chains)), schedule.chains);
      const { maps, done, failures, told } = await follow(server(), schedule);
      expect(maps).toEqual(alone);
      expect(done).toEqual(itemsOfAll(schedule.chains).sort());
      expect(failures).toEqual([]);
      for (const counts of told) {
        expect(counts?.took).toBe(1);
        expect(counts?.begun).toBeGreaterThan(0);
      }
    }),
    // Each takes seconds: the schedule that fails is told as it is.
    { numRuns: 6, endOnFailure: true },
  );
}, 180_000);
