import {
  type EngineOperation,
  type EngineOutput,
  type EngineRequest,
} from '../../../shared/engine';
import { type ArtifactKind } from '../artifacts/artifacts';
import { type DatasetKey } from '../artifacts/keys';
import { type Context, type ItemResult } from './job-run';
import { type ItemPlan } from './progress';

/** An item of the ledger, with what it takes. */
export interface PlannedItem extends ItemPlan {
  /** That it adds to the disk for good; headers of files are not counted. */
  readonly bytes: number;
}

/**
 * One piece of work of a plan: what it takes and what it waits for, before anything is known of what
 * its needs make. Planning, forecast, progress, reuse and disk figures all read the same list.
 */
export interface ItemSpec {
  /** Once in a plan. */
  readonly id: string;
  readonly stage: string;
  readonly title: string;
  /** Bytes on the disk that go again when it is done. */
  readonly passing: number;
  /** Ids of the specs that must be done first. */
  readonly needs: readonly string[];
  /** The ledger's items that it completes, in order: an epoch chain has one an epoch. */
  readonly items: readonly PlannedItem[];
}

/** A stored artifact by its key, in place of a path. No field of an input bears such a name. */
export interface ArtifactReference {
  readonly $artifact: string;
}

export const stored = (key: string): ArtifactReference => ({ $artifact: key });

/** Whether a value of an input is a reference. */
export const isReference = (value: object): value is ArtifactReference => '$artifact' in value;

/** Keys of the artifacts that a value refers to, in the order in which they stand. */
export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  if (isReference(value)) return [value.$artifact];
  return Object.values(value).flatMap(referencesIn);
}

/** An operation's input with references in place of paths. */
export type Referring<T> = T extends string
  ? T | ArtifactReference
  : T extends readonly (infer U)[]
    ? readonly Referring<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Referring<T[K]> }
      : T;

/** Where files lie is the executor's to know, and the order itself says which dataset. */
export type Unplaced<K extends EngineOperation> = Omit<
  EngineRequest<K>,
  'outDir' | 'dataset' | 'datasetDir'
>;
export type OrderInput<K extends EngineOperation> = Referring<Unplaced<K>>;

/** A file that an operation writes, and what it is stored as. */
export interface OrderOutput {
  readonly file: string;
  readonly kind: ArtifactKind;
  readonly key: string;
}

/** What an executor is asked: one request of the engine, by content alone. */
export interface WorkOrder<K extends EngineOperation = EngineOperation> {
  readonly operation: K;
  readonly dataset: DatasetKey;
  readonly input: OrderInput<K>;
  readonly outputs: readonly OrderOutput[];
}

export const workOrder = <K extends EngineOperation>(
  operation: K,
  dataset: DatasetKey,
  input: OrderInput<K>,
  outputs: readonly OrderOutput[] = [],
): WorkOrder<K> => ({ operation, dataset, input, outputs });

/** What the orders of a step gave. */
export interface Outcome {
  /** Nothing was computed: all that the orders write was there. */
  readonly reused: boolean;
  /** What the engine answered. Throws RangeError for an order that was not executed. */
  of<K extends EngineOperation>(order: WorkOrder<K>): EngineOutput<K>;
}

/** A spec whose needs are done, as far as one item of the ledger. */
export interface Step {
  readonly item: string;
  /** What to write down, or to refuse, before anything of it is done; may be called again. */
  readonly before?: () => void;
  /** Stores what the orders read that nobody has to compute; called before they are done. */
  readonly prepare?: () => Promise<void>;
  /** One after the other. */
  readonly orders: readonly WorkOrder[];
  /**
   * Whether it is done already, as a whole. Left out: the store tells of each order, by whether it
   * has all that the order writes.
   */
  readonly known?: () => boolean | Promise<boolean>;
  /** What to write down once the files are stored. */
  finish(outcome: Outcome, context: Context): ItemResult | Promise<ItemResult>;
  /** What is no longer needed once the step counts. */
  readonly release?: readonly string[];
}

type Awaitable<T> = T | Promise<T>;

/** A list of specs, and what each comes to once its needs are done: a step for each of its items. */
export interface Plan {
  readonly stages: readonly { readonly id: string; readonly title: string }[];
  /** Whether costs are seconds by measured rates, not weights in their proportions. */
  readonly measured: boolean;
  readonly specs: readonly ItemSpec[];
  /** Called when the spec's needs are done, or to ask what is known. Null: it cannot be told yet. */
  complete(spec: ItemSpec): Awaitable<readonly Step[] | null>;
}

/** A spec together with what it comes to. */
export interface Planned {
  readonly spec: ItemSpec;
  readonly complete: () => Awaitable<readonly Step[] | null>;
}

/** A spec of one item, named by its stage and the item. */
export function oneItem(
  stage: string,
  item: PlannedItem,
  needs: readonly string[],
  complete: () => Awaitable<Omit<Step, 'item'> | null>,
): Planned {
  return {
    spec: {
      id: specId(stage, item.id),
      stage,
      title: item.title,
      passing: 0,
      needs,
      items: [item],
    },
    async complete() {
      const step = await complete();
      return step && [{ item: item.id, ...step }];
    },
  };
}

export const specId = (stage: string, item: string): string => `${stage} ${item}`;

export function planOf<S extends Plan['stages'][number]>(
  stages: readonly S[],
  measured: boolean,
  planned: readonly Planned[],
): Plan & { readonly stages: readonly S[] } {
  const completions = new Map(planned.map(({ spec, complete }) => [spec.id, complete]));
  return {
    stages,
    measured,
    specs: planned.map(({ spec }) => spec),
    complete: ({ id }) => completions.get(id)?.() ?? null,
  };
}
