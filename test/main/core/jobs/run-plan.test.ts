import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { artifactKey } from '../../../../src/main/core/artifacts/artifacts';
import { type Executor, type Place } from '../../../../src/main/core/jobs/executor';
import {
  type ItemSpec,
  type Plan,
  type Step,
  stored,
  workOrder,
} from '../../../../src/main/core/jobs/item-spec';
import { JobRun } from '../../../../src/main/core/jobs/job-run';
import { ledgerStages, runPlan } from '../../../../src/main/core/jobs/run-plan';
import { type EngineOperation, type EngineOutput } from '../../../../src/shared/engine';
import { coreOn } from '../core-on';
import { id, newJob, temporaryFolder } from '../storage/helpers';

const spec = (name: string, needs: string[] = [], items: string[] = [name]): ItemSpec => ({
  id: name,
  stage: 'work',
  title: name,
  passing: 0,
  needs,
  items: items.map((item) => ({ id: item, title: item, cost: 1, bytes: 0 })),
});

const keyOf = (name: string) => artifactKey('map', { name });

/** A step whose one order writes a file of its name, after reading others. */
function step(item: string, reads: readonly string[], log: string[] = []): Step {
  const order = workOrder(
    'maps',
    { dataset: 'any', files: [] },
    { composition: item, maps: reads.map((name) => stored(keyOf(name))) } as never,
    [{ file: 'map.npy', kind: 'map', key: keyOf(item) }],
  );
  return {
    item,
    orders: [order],
    finish: ({ reused }) => {
      log.push(`${item}${reused ? ' reused' : ''}`);
      return { artifacts: [keyOf(item)], reused };
    },
  };
}

/** Writes what it is asked for, at most so many at once; `stall` ends when its signal is aborted. */
function scripted(room: number) {
  const executed: string[] = [];
  let [atOnce, most] = [0, 0];
  const place: Place = {
    async execute<K extends EngineOperation>(
      { input, outputs }: Parameters<Place['execute']>[0],
      { signal, begun }: Parameters<Place['execute']>[1],
      take: Parameters<Place['execute']>[2],
    ) {
      begun();
      const { composition } = input as unknown as { composition: string };
      executed.push(composition);
      most = Math.max(most, (atOnce += 1));
      try {
        if (composition === 'fails') throw new Error('broken');
        if (composition === 'stalls') {
          await new Promise((_, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error)),
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
        const folder = temporaryFolder();
        for (const { file } of outputs) await writeFile(join(folder, file), composition);
        const sha256 = createHash('sha256').update(composition).digest('hex');
        const files = outputs.map(({ file }) => ({ name: file, sha256, bytes: 1 }));
        await take({ folder, files });
        return { files, gradients: 0 } as unknown as EngineOutput<K>;
      } finally {
        atOnce -= 1;
      }
    },
    close: () => Promise.resolve(),
  };
  const executor: Executor = { room, open: () => place };
  return { executor, executed, most: () => most };
}

function open(specs: readonly ItemSpec[]) {
  const { core } = coreOn(temporaryFolder());
  const job = newJob('a');
  core.jobs.insert({ ...job, stages: ledgerStages(planOf(specs, () => null)) });
  const begin = () => {
    const stored = core.jobs.get(id('job', 'a'));
    if (!stored) throw new Error('no job');
    return new JobRun(core, stored, new AbortController().signal);
  };
  const perform = (executor: Executor, plan: Plan) => runPlan({ ...core, executor }, begin(), plan);
  /** Takes a stored file away from under its row, as a person or a disk may. */
  const lose = (name: string) => {
    const key = keyOf(name);
    rmSync(join(core.artifacts.root, key.slice(0, 2), key));
  };
  return { core, job: job.id, lose, perform };
}

const planOf = (
  specs: readonly ItemSpec[],
  complete: (of: ItemSpec) => readonly Step[] | null,
): Plan => ({ stages: [{ id: 'work', title: 'Work' }], measured: false, specs, complete });

it('does each spec once its needs are done, and skips what the ledger has', async () => {
  const specs = [spec('c', ['a', 'b']), spec('a'), spec('b', ['a'])];
  const { perform } = open(specs);
  const log: string[] = [];
  const plan = planOf(specs, ({ id: name, needs }) => [step(name, needs, log)]);
  const first = scripted(1);
  await perform(first.executor, plan);
  expect(first.executed).toEqual(['a', 'b', 'c']);
  const again = scripted(1);
  await perform(again.executor, plan);
  expect(again.executed).toEqual([]);
  expect(log).toEqual(['a', 'b', 'c']);
});

it('has as many under way as there is room for', async () => {
  const specs = ['a', 'b', 'c', 'd'].map((name) => spec(name));
  const { perform } = open(specs);
  const { executor, most } = scripted(3);
  await perform(
    executor,
    planOf(specs, ({ id: name }) => [step(name, [])]),
  );
  expect(most()).toBe(3);
});

it('takes what the store has, without executing it', async () => {
  const specs = [spec('a')];
  const { core, perform } = open(specs);
  await core.artifacts.put({ bytes: new Uint8Array(3), kind: 'map', key: keyOf('a') });
  const { executor, executed } = scripted(1);
  const log: string[] = [];
  await perform(
    executor,
    planOf(specs, () => [step('a', [], log)]),
  );
  expect(executed).toEqual([]);
  expect(log).toEqual(['a reused']);
});

it('goes on in a chain where it stopped, and makes again what the next step lost', async () => {
  const specs = [spec('chain', [], ['1', '2', '3'])];
  const { core, perform } = open(specs);
  const chain = (last: string) => [step('1', []), step('2', ['1']), step(last, ['2'])];
  const broken = scripted(1);
  const failing = planOf(specs, () => chain('fails'));
  await expect(
    perform(broken.executor, {
      ...failing,
      complete: () => chain('fails').map((each, i) => ({ ...each, item: String(i + 1) })),
    }),
  ).rejects.toThrow('broken');
  await core.artifacts.release([keyOf('2')]);
  await core.artifacts.release([keyOf('1')]);
  const { executor, executed } = scripted(1);
  await perform(
    executor,
    planOf(specs, () => chain('3')),
  );
  expect(executed).toEqual(['1', '2', '3']);
});

it('computes of a step what the store lacks, and writes down again what was lost', async () => {
  const specs = [spec('chain', [], ['1', '2'])];
  const { core, perform } = open(specs);
  const written: string[] = [];
  const writing = (each: Step): Step => ({
    ...each,
    finish: () => ({
      artifacts: [],
      reused: false,
      commit: () => void written.push(each.item),
    }),
  });
  const [first, second] = [step('1', []), step('2', ['1'])];
  const { executor, executed } = scripted(1);
  const stops = {
    ...second,
    before: () => {
      throw new Error('not yet');
    },
  };
  await expect(
    perform(
      executor,
      planOf(specs, () => [writing(first), stops]),
    ),
  ).rejects.toThrow('not yet');
  await core.artifacts.release([keyOf('1')]);
  await core.artifacts.put({ bytes: new Uint8Array(3), kind: 'map', key: keyOf('there') });
  const both = { ...second, orders: [...step('there', []).orders, ...second.orders] };
  await perform(
    executor,
    planOf(specs, () => [writing(first), writing(both)]),
  );
  expect(executed).toEqual(['1', '1', '2']);
  expect(written).toEqual(['1', '1', '2']);
});

it('does again, within the same job, what lost its file before another reads it', async () => {
  const specs = [spec('a'), spec('b', ['a']), spec('c', ['b']), spec('d', ['b', 'c'])];
  const { core, job, lose, perform } = open(specs);
  const { executor, executed } = scripted(2);
  const plan = planOf(specs, ({ id: name, needs }) => [
    { ...step(name, name === 'd' ? ['a', ...needs] : needs), before: () => losing[name]?.() },
  ]);
  // Two files of two specs, one of which makes the other's input.
  const losing: Record<string, () => void> = {};
  losing['c'] = () => {
    losing['c'] = () => undefined;
    lose('a');
    lose('b');
  };
  await perform(executor, plan);
  expect(executed.toSorted()).toEqual(['a', 'a', 'b', 'b', 'c', 'd']);
  for (const name of ['a', 'b', 'c', 'd']) {
    expect(await core.artifacts.has(keyOf(name)), name).toBe(true);
  }
  expect(core.jobs.stages(job)).toMatchObject([{ items: 4, done: 4 }]);
});

it('does again what a spec cannot be completed without', async () => {
  const specs = [spec('base'), spec('map', ['base']), spec('score', ['map'])];
  const { core, job, lose, perform } = open(specs);
  const { executor, executed } = scripted(1);
  const log: string[] = [];
  // As weights are named by their row: without the file there is no telling what reads it.
  const baseIsThere = () => core.jobs.item(job, 'work', 'base') !== undefined;
  let lost = false;
  const plan: Plan = {
    ...planOf(specs, () => null),
    async complete({ id: name, needs }) {
      if (name === 'score' && !lost) {
        lost = true;
        lose('base');
        await core.artifacts.has(keyOf('base'));
      }
      return name === 'base' || baseIsThere() ? [step(name, needs, log)] : null;
    },
  };
  await perform(executor, plan);
  expect(executed).toEqual(['base', 'map', 'base', 'score']);
  expect(log).toEqual(['base', 'map', 'base', 'score']);
  expect(core.jobs.stages(job)).toMatchObject([{ items: 3, done: 3 }]);
});

it('does an epoch of a chain again whose checkpoint was lost before the next', async () => {
  const specs = [spec('chain', [], ['1', '2', '3'])];
  const { core, job, lose, perform } = open(specs);
  const { executor, executed } = scripted(1);
  let lost = false;
  const plan = planOf(specs, () => [
    step('1', []),
    { ...step('2', ['1']), release: [keyOf('1')] },
    {
      ...step('3', ['2']),
      // Asked before it is begun.
      known() {
        if (!lost) lose('2');
        lost = true;
        return false;
      },
    },
  ]);
  await perform(executor, plan);
  expect(executed).toEqual(['1', '2', '1', '2', '3']);
  expect(core.jobs.stages(job)).toMatchObject([{ items: 3, done: 3 }]);
});

it('gives up what a step of the ledger no longer needs, and says where a need was lost', async () => {
  const specs = [spec('a')];
  const { core, perform } = open(specs);
  const { executor, executed } = scripted(1);
  const lost = planOf(specs, () => null);
  await expect(perform(executor, lost)).rejects.toThrow('What a needs was lost: resume the job');
  await perform(
    executor,
    planOf(specs, () => [step('a', [])]),
  );
  expect(await core.artifacts.has(keyOf('a'))).toBe(true);
  await perform(
    executor,
    planOf(specs, () => [{ ...step('a', []), release: [keyOf('a')] }]),
  );
  expect(await core.artifacts.has(keyOf('a'))).toBe(false);
  await perform(executor, lost);
  expect(executed).toEqual(['a']);
});

it('stops the others where one fails, and throws why', async () => {
  const specs = [spec('stalls'), spec('fails'), spec('later', ['fails'])];
  const { perform } = open(specs);
  const { executor, executed } = scripted(2);
  await expect(
    perform(
      executor,
      planOf(specs, ({ id: name }) => [step(name, [])]),
    ),
  ).rejects.toThrow('broken');
  expect(executed).toEqual(['stalls', 'fails']);
});

it('says where a plan waits for what is not in it', async () => {
  const specs = [spec('a', ['nothing'])];
  const { perform } = open(specs);
  await expect(
    perform(
      scripted(1).executor,
      planOf(specs, () => null),
    ),
  ).rejects.toThrow('nothing that a needs is in the plan');
});
