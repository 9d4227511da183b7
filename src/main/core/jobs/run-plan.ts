import { valueAt } from '../../../shared/checked-reads';
import { type EngineOperation, type EngineOutput } from '../../../shared/engine';
import { conflict } from '../../../shared/errors';
import { adoptFile } from '../artifacts/adopt';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type Database } from '../storage/database';
import { type Executor, type Place } from './executor';
import {
  type ItemSpec,
  type Outcome,
  type Plan,
  type PlannedItem,
  referencesIn,
  type Step,
  type WorkOrder,
} from './item-spec';
import { type ItemContext, type ItemResult, type JobRun, partOf } from './job-run';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly database: Database;
  readonly executor: Executor;
}

/** Does all of a plan that a job's ledger lacks. */
export type Perform = (run: JobRun, plan: Plan) => Promise<void>;

/** The items of a plan by stage, as progress and the ledger count them. */
export function stagesOf<S extends Plan['stages'][number]>(plan: {
  readonly stages: readonly S[];
  readonly specs: readonly ItemSpec[];
}): (S & { readonly items: PlannedItem[] })[] {
  return plan.stages.map((stage) => ({
    ...stage,
    items: plan.specs.filter((spec) => spec.stage === stage.id).flatMap(({ items }) => items),
  }));
}

/** The stages of a plan as the ledger takes those of a new job. */
export function ledgerStages(plan: Plan): { id: string; title: string; items: number }[] {
  return stagesOf(plan).map(({ id, title, items }) => ({ id, title, items: items.length }));
}

/**
 * Do every spec of a plan that the ledger lacks, as many at once as the executor has room for, each
 * when its needs are done. One whose needs lost a file meanwhile waits until they are done again. The
 * first failure stops the others and is thrown.
 */
export async function runPlan(parts: Parts, run: JobRun, plan: Plan): Promise<void> {
  run.plan(stagesOf(plan), plan.measured, plan.specs);
  const specs = new Map(plan.specs.map((spec) => [spec.id, spec]));
  let waiting = new Map(specs);
  const done = new Set<string>();
  const underWay = new Map<
    string,
    Promise<{ spec: ItemSpec; first: readonly ItemSpec[] | null }>
  >();
  while (waiting.size > 0 || underWay.size > 0) {
    for (const spec of waiting.values()) {
      if (underWay.size >= parts.executor.room) break;
      if (!spec.needs.every((need) => done.has(need))) continue;
      waiting.delete(spec.id);
      underWay.set(
        spec.id,
        runSpec(parts, run, plan, specs, spec).then((first) => ({ spec, first })),
      );
    }
    if (underWay.size === 0) {
      const [first] = waiting.values();
      throw new RangeError(`nothing that ${first?.id ?? ''} needs is in the plan`);
    }
    try {
      const { spec, first } = await Promise.race(underWay.values());
      underWay.delete(spec.id);
      if (!first) {
        done.add(spec.id);
        continue;
      }
      // Those that are not among the done wait or are under way already.
      const again = [...first.filter(({ id }) => done.delete(id)), spec];
      waiting = new Map([...again.map((each) => [each.id, each] as const), ...waiting]);
    } catch (error) {
      // Whatever else is under way belongs to the same job, which ends here.
      run.stopItems(error);
      await Promise.allSettled(underWay.values());
      throw error;
    }
  }
}

/** Null: it is done. Else it is to be called again, once these are done again. */
async function runSpec(
  parts: Parts,
  run: JobRun,
  plan: Plan,
  specs: ReadonlyMap<string, ItemSpec>,
  spec: ItemSpec,
): Promise<readonly ItemSpec[] | null> {
  const steps = await plan.complete(spec);
  if (!steps) {
    if (isInLedger(run, spec)) return null;
    const first = lostNeeds(run, specs, spec);
    if (first.length > 0) return first;
    throw conflict(`What ${spec.title} needs was lost: resume the job to make it again.`);
  }
  const left = () => ordersLeft(parts, run, spec, steps);
  const place = parts.executor.open(run.job.id, left, spec.title);
  try {
    for (const [index, step] of steps.entries()) {
      if (!run.isDone(spec.stage, step.item) && (await lacksInput(parts, step))) {
        const first = lostNeeds(run, specs, spec);
        const own = steps.slice(0, index).some(({ item }) => !run.isDone(spec.stage, item));
        if (own || first.length > 0) return first;
      }
      await run.item(
        spec.stage,
        step.item,
        (context) => runStep(parts, { ...context, place }, steps, index),
        'queued',
      );
      // Of a step that the ledger has, too: its process may have ended before this.
      if (step.release) await parts.artifacts.release(step.release);
    }
    return null;
  } finally {
    await place.close();
  }
}

/** What of a spec would have to be computed, in order. */
async function ordersLeft(
  { artifacts }: Parts,
  run: JobRun,
  { stage }: ItemSpec,
  steps: readonly Step[],
): Promise<WorkOrder[]> {
  const left: WorkOrder[] = [];
  for (const step of steps) {
    if (run.isDone(stage, step.item) || (await isKnown(artifacts, step))) continue;
    for (const order of step.orders) {
      if (step.known || !(await isStored(artifacts, order))) left.push(order);
    }
  }
  return left;
}

/** What a step is done with, and where. */
interface Doing extends ItemContext {
  readonly place: Place;
}

const isInLedger = (run: JobRun, { stage, items }: ItemSpec): boolean =>
  items.every(({ id }) => run.isDone(stage, id));

/**
 * Of all that a spec waits for, what the ledger no longer has, because a file of it is gone, and what
 * waits for that; what is needed stands before what needs it.
 */
function lostNeeds(
  run: JobRun,
  specs: ReadonlyMap<string, ItemSpec>,
  { needs }: ItemSpec,
): ItemSpec[] {
  return needs.flatMap((id) => {
    const need = specs.get(id);
    if (!need) return [];
    const first = lostNeeds(run, specs, need);
    return first.length > 0 || !isInLedger(run, need) ? [...first, need] : [];
  });
}

/** Whether a step has to be computed and a file that it reads is gone, of which the ledger hears. */
async function lacksInput(parts: Parts, step: Step): Promise<boolean> {
  if (await isKnown(parts.artifacts, step)) return false;
  let lacks = false;
  for (const key of inputsOf(step)) if (!(await parts.artifacts.has(key))) lacks = true;
  return lacks;
}

/** A step, and first again whichever before it lost what this one reads. */
async function runStep(
  parts: Parts,
  context: Doing,
  steps: readonly Step[],
  index: number,
): Promise<ItemResult> {
  const step = valueAt(steps, index);
  step.before?.();
  if (await isKnown(parts.artifacts, step)) return step.finish(outcomeOf(new Map(), true), context);
  await step.prepare?.();
  await restoreInputs(parts, context, steps, index);
  return perform(parts, context, step);
}

/** Whether nothing of a step has to be computed. */
export async function isKnown(artifacts: ArtifactStore, step: Step) {
  if (step.known) return step.known();
  for (const order of step.orders) if (!(await isStored(artifacts, order))) return false;
  return step.orders.length > 0;
}

async function isStored(artifacts: ArtifactStore, { outputs }: WorkOrder): Promise<boolean> {
  for (const { key } of outputs) if (!(await artifacts.has(key))) return false;
  return outputs.length > 0;
}

async function restoreInputs(
  parts: Parts,
  context: Doing,
  steps: readonly Step[],
  index: number,
): Promise<void> {
  for (const key of inputsOf(valueAt(steps, index))) {
    if (await parts.artifacts.has(key)) continue;
    const maker = steps.findIndex((step) =>
      step.orders.some(({ outputs }) => outputs.some((output) => output.key === key)),
    );
    const made = steps[maker];
    // What another spec made is done again before this one, where the plan has that spec.
    if (!made || maker >= index) continue;
    await restoreInputs(parts, context, steps, maker);
    // What the item itself should take says nothing of this.
    const { commit } = await perform(parts, { ...context, expected: null }, made);
    // The ledger has the item; what named its files may have lost them.
    if (commit) parts.database.transaction(commit);
  }
}

async function perform(parts: Parts, context: Doing, step: Step): Promise<ItemResult> {
  return step.finish(outcomeOf(await execute(parts, context, step), false), context);
}

async function execute(parts: Parts, context: Doing, step: Step): Promise<Map<WorkOrder, unknown>> {
  const answers = new Map<WorkOrder, unknown>();
  for (const [part, order] of step.orders.entries()) {
    if (!step.known && (await isStored(parts.artifacts, order))) continue;
    const expected = context.expected === null ? null : context.expected / step.orders.length;
    const counted = partOf({ ...context, expected }, part, step.orders.length);
    const answer = await context.place.execute(order, counted, async ({ folder, files }) => {
      for (const { file, kind, key } of order.outputs) {
        await adoptFile(parts, folder, files, file, kind, key);
      }
    });
    answers.set(order, answer);
  }
  return answers;
}

function outcomeOf(answers: ReadonlyMap<WorkOrder, unknown>, reused: boolean): Outcome {
  return {
    reused,
    of<K extends EngineOperation>(order: WorkOrder<K>): EngineOutput<K> {
      if (!answers.has(order)) throw new RangeError(`${order.operation} was not executed`);
      return answers.get(order) as EngineOutput<K>;
    },
  };
}

/** Keys of the artifacts that a step reads. */
const inputsOf = ({ orders }: Step): string[] => orders.flatMap(({ input }) => referencesIn(input));
