import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Executor, type Place } from '../../../../src/main/core/jobs/executor';
import { referencesIn } from '../../../../src/main/core/jobs/item-spec';
import { JobRun } from '../../../../src/main/core/jobs/job-run';
import { ledgerStages, runPlan } from '../../../../src/main/core/jobs/run-plan';
import { type EngineOutput } from '../../../../src/shared/engine';
import { coreOn } from '../core-on';
import { id, newJob, temporaryFolder } from '../storage/helpers';
import { anyChains, type Chain, chainedPlan, itemsOfAll, keyOf } from './chained-plan';

/** What each item comes to, and how the ledger has it, on an executor of so much room and such delays. */
async function outcome(chains: readonly Chain[], room: number, delays: readonly number[]) {
  const { core } = coreOn(temporaryFolder());
  const plan = chainedPlan(chains);
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
  const items = itemsOfAll(chains);
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

it('gives the same, each item once, however many are under way and in whatever order they end', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyChains(6),
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
