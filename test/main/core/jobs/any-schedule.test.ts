import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { artifactKey } from '../../../../src/main/core/artifacts/artifacts';
import { type Executor, type Place } from '../../../../src/main/core/jobs/executor';
import {
  type ItemSpec,
  type Plan,
  referencesIn,
  type Step,
  stored,
  workOrder,
} from '../../../../src/main/core/jobs/item-spec';
import { JobRun } from '../../../../src/main/core/jobs/job-run';
import { ledgerStages, runPlan } from '../../../../src/main/core/jobs/run-plan';
import { type EngineOutput } from '../../../../src/shared/engine';
import { coreOn } from '../core-on';
import { id, newJob, temporaryFolder } from '../storage/helpers';

const keyOf = (item: string) => artifactKey('map', { item });

/** A chain of items, each from the one before, the first from the last of each that it needs. */
interface Chain {
  readonly items: number;
  readonly needs: readonly number[];
}

function planOf(chains: readonly Chain[]): Plan {
  const itemsOf = (index: number) =>
    Array.from({ length: chains[index]?.items ?? 0 }, (_, i) => `${index}/${i}`);
  const specs = chains.map(({ needs }, index): ItemSpec => ({
    id: String(index),
    stage: 'work',
    title: String(index),
    passing: 0,
    needs: needs.map(String),
    items: itemsOf(index).map((item) => ({ id: item, title: item, cost: 1, bytes: 0 })),
  }));
  return {
    stages: [{ id: 'work', title: 'Work' }],
    measured: false,
    specs,
    complete: ({ id: name }) => {
      const { needs = [] } = chains[Number(name)] ?? {};
      const items = itemsOf(Number(name));
      return items.map((item, i): Step => {
        const before = items[i - 1];
        const reads =
          before === undefined ? needs.flatMap((need) => itemsOf(need).slice(-1)) : [before];
        const order = workOrder(
          'maps',
          { dataset: 'any', files: [] },
          { composition: item, maps: reads.map((read) => stored(keyOf(read))) } as never,
          [{ file: 'map.npy', kind: 'map', key: keyOf(item) }],
        );
        return {
          item,
          orders: [order],
          finish: ({ reused }) => ({ artifacts: [keyOf(item)], reused }),
        };
      });
    },
  };
}

/** What each item comes to, and how the ledger has it, on an executor of so much room and such delays. */
async function outcome(chains: readonly Chain[], room: number, delays: readonly number[]) {
  const { core } = coreOn(temporaryFolder());
  const plan = planOf(chains);
  core.jobs.insert({ ...newJob('a'), stages: ledgerStages(plan) });
  const job = core.jobs.get(id('job', 'a'));
  if (!job) throw new Error('no job');
  const executed: string[] = [];
  const place: Place = {
    async execute(order, { begun }, take) {
      begun();
      const { composition } = order.input as unknown as { composition: string };
      const delay = delays[executed.length % delays.length] ?? 0;
      executed.push(composition);
      const hash = createHash('sha256').update(composition);
      // What it reads must be there when it is begun.
      for (const key of referencesIn(order.input)) hash.update(await core.artifacts.read(key));
      await new Promise((resolve) => setTimeout(resolve, delay));
      const folder = temporaryFolder();
      const bytes = hash.digest();
      await writeFile(join(folder, 'map.npy'), bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const files = [{ name: 'map.npy', sha256, bytes: bytes.length }];
      await take({ folder, files });
      return { files, gradients: 0 } as unknown as EngineOutput<typeof order.operation>;
    },
    close: () => Promise.resolve(),
  };
  const executor: Executor = { room, open: () => place };
  await runPlan({ ...core, executor }, new JobRun(core, job, new AbortController().signal), plan);
  const items = plan.specs.flatMap(({ items: own }) => own.map((item) => item.id));
  const contents: Record<string, string> = {};
  for (const item of items)
    contents[item] = (await core.artifacts.read(keyOf(item))).toString('hex');
  return {
    contents,
    done: [...core.jobs.doneItems(job.id, 'work').keys()].sort(),
    executed: executed.sort(),
    items: items.sort(),
  };
}

const chains = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.array(fc.nat(20), { maxLength: 3 })), {
    minLength: 1,
    maxLength: 6,
  })
  // Each may need those before it.
  .map((rows) =>
    rows.map(([items, needs], index): Chain => ({
      items,
      needs: index === 0 ? [] : [...new Set(needs.map((need) => need % index))],
    })),
  );

it('gives the same, each item once, however many are under way and in whatever order they end', async () => {
  await fc.assert(
    fc.asyncProperty(
      chains,
      fc.integer({ min: 2, max: 8 }),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 8 }),
      async (plan, room, delays) => {
        const one = await outcome(plan, 1, [0]);
        const many = await outcome(plan, room, delays);
        expect(many).toEqual(one);
        expect(one.done).toEqual(one.items);
        expect(one.executed).toEqual(one.items);
      },
    ),
    { numRuns: 12 },
  );
});
