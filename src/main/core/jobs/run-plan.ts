import { type EngineOperation, type EngineOutput } from '../../../shared/engine';
import { adoptFile } from '../artifacts/adopt';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type Clock } from '../storage/environment';
import { type Executor } from './executor';
import { type ItemSpec, type Outcome, type Plan, type Step, type WorkOrder } from './item-spec';
import { type Context, type ItemResult, type JobRun, partOf } from './job-run';
import { type StagePlan } from './progress';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
}

/** The specs of a plan by stage, as progress and the ledger count them. */
export function stagesOf(
  specs: readonly ItemSpec[],
  titles: ReadonlyMap<string, string>,
): StagePlan[] {
  return [...titles].map(([id, title]) => ({
    id,
    title,
    items: specs.filter(({ stage }) => stage === id).flatMap(({ items }) => items),
  }));
}

/**
 * Do every spec of a plan that the ledger lacks, as many at once as the executor has room for, each
 * when its needs are done. The first failure stops the others and is thrown.
 */
export async function runPlan(
  parts: Parts,
  executor: Executor,
  run: JobRun,
  plan: Plan,
): Promise<void> {
  const waiting = new Map(plan.specs.map((spec) => [spec.id, spec]));
  const done = new Set<string>();
  const underWay = new Map<string, Promise<string>>();
  while (waiting.size > 0 || underWay.size > 0) {
    for (const spec of waiting.values()) {
      if (underWay.size >= executor.room) break;
      if (!spec.needs.every((need) => done.has(need))) continue;
      waiting.delete(spec.id);
      underWay.set(
        spec.id,
        runSpec(parts, executor, run, plan, spec).then(() => spec.id),
      );
    }
    if (underWay.size === 0) {
      const [first] = waiting.values();
      throw new RangeError(`nothing that ${first?.id ?? ''} needs is in the plan`);
    }
    try {
      const finished = await Promise.race(underWay.values());
      underWay.delete(finished);
      done.add(finished);
    } catch (error) {
      // Whatever else is under way belongs to the same job, which ends here.
      run.stopItems(error);
      await Promise.allSettled(underWay.values());
      throw error;
    }
  }
}

async function runSpec(
  parts: Parts,
  executor: Executor,
  run: JobRun,
  plan: Plan,
  spec: ItemSpec,
): Promise<void> {
  if (spec.items.every(({ id }) => run.isDone(spec.stage, id))) return;
  const steps = await plan.complete(spec);
  if (!steps) throw new RangeError(`${spec.id} cannot be told though its needs are done`);
  for (const [index, step] of steps.entries()) {
    await run.item(spec.stage, step.item, (context) =>
      runStep(parts, executor, context, steps, index),
    );
    if (step.release) await parts.artifacts.release([...step.release]);
  }
}

/** A step, and first again whichever before it lost what this one reads. */
async function runStep(
  parts: Parts,
  executor: Executor,
  context: Context,
  steps: readonly Step[],
  index: number,
): Promise<ItemResult> {
  const step = steps[index];
  if (!step) throw new RangeError(`there is no step ${index}`);
  if (await isKnown(parts, step)) return step.finish(outcomeOf(new Map(), true, 0));
  await restoreInputs(parts, executor, context, steps, index);
  const startedAt = parts.clock.monotonic();
  const answers = await execute(parts, executor, context, step);
  const seconds = (parts.clock.monotonic() - startedAt) / 1000;
  return step.finish(outcomeOf(answers, false, seconds));
}

/** Whether nothing of a step has to be computed. */
export async function isKnown({ artifacts }: Pick<Parts, 'artifacts'>, step: Step) {
  if (step.known) return step.known();
  const outputs = step.orders.flatMap((order) => order.outputs);
  if (outputs.length === 0) return false;
  for (const { key } of outputs) if (!(await artifacts.has(key))) return false;
  return true;
}

async function restoreInputs(
  parts: Parts,
  executor: Executor,
  context: Context,
  steps: readonly Step[],
  index: number,
): Promise<void> {
  const read = (steps[index]?.orders ?? []).flatMap(({ input }) => referencesIn(input));
  for (const key of read) {
    if (await parts.artifacts.has(key)) continue;
    const maker = steps.findIndex((step) =>
      step.orders.some(({ outputs }) => outputs.some((output) => output.key === key)),
    );
    const made = steps[maker];
    // What another spec made is its own to make again: reading it says that it is missing.
    if (!made || maker >= index) continue;
    await restoreInputs(parts, executor, context, steps, maker);
    await execute(parts, executor, context, made);
  }
}

async function execute(
  parts: Parts,
  executor: Executor,
  context: Context,
  step: Step,
): Promise<Map<WorkOrder, unknown>> {
  const answers = new Map<WorkOrder, unknown>();
  for (const [part, order] of step.orders.entries()) {
    const counted = partOf(context, part, step.orders.length);
    const answer = await executor.execute(order, counted, async ({ folder, files }) => {
      for (const { file, kind, key } of order.outputs) {
        await adoptFile(parts, folder, files, file, kind, key);
      }
    });
    answers.set(order, answer);
  }
  return answers;
}

function outcomeOf(
  answers: ReadonlyMap<WorkOrder, unknown>,
  reused: boolean,
  seconds: number,
): Outcome {
  return {
    reused,
    seconds,
    of<K extends EngineOperation>(order: WorkOrder<K>): EngineOutput<K> {
      if (!answers.has(order)) throw new RangeError(`${order.operation} was not executed`);
      return answers.get(order) as EngineOutput<K>;
    },
  };
}

/** Keys of the artifacts that an input refers to. */
export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === 'artifact') return [String(only[1])];
  return entries.flatMap(([, item]) => referencesIn(item));
}
