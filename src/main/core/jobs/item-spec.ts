import { type z } from 'zod';
import {
  type EngineOperation,
  type engineOperations,
  type EngineOutput,
} from '../../../shared/engine';
import { type ArtifactKind } from '../artifacts/artifacts';
import { type ItemResult } from './job-run';
import { type ItemPlan } from './progress';

/**
 * One piece of work of a plan: what it takes and what it waits for, before anything is known of what
 * its needs make. Planning, forecast, progress, reuse and disk figures all read the same list.
 */
export interface ItemSpec {
  /** Once in a plan. */
  readonly id: string;
  readonly stage: string;
  readonly title: string;
  /** Expected seconds by measured rates, or a weight in the same proportions. */
  readonly cost: number;
  /** Bytes that it adds to the disk for good, and those that go again when it is done. */
  readonly bytes: { readonly kept: number; readonly passing: number };
  /** Ids of the specs that must be done first. */
  readonly needs: readonly string[];
  /** The ledger's items that it completes, in order: an epoch chain has one an epoch. */
  readonly items: readonly ItemPlan[];
}

/** A stored artifact by its key, in place of a path. */
export interface ArtifactReference {
  readonly artifact: string;
}

/** An operation's input with references in place of paths. */
type Referring<T> = T extends string
  ? T | ArtifactReference
  : T extends readonly (infer U)[]
    ? readonly Referring<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Referring<T[K]> }
      : T;

type Input<K extends EngineOperation> = z.input<(typeof engineOperations)[K]['input']>;
/** Where files lie is the executor's to know. */
type Placed = 'outDir' | 'datasetDir' | 'name';
export type OrderInput<K extends EngineOperation> = Referring<Omit<Input<K>, Placed>>;

/** A file that an operation writes, and what it is stored as. */
export interface OrderOutput {
  readonly file: string;
  readonly kind: ArtifactKind;
  readonly key: string;
}

/** What an executor is asked: one request of the engine, by content. Its dataset is named by its id. */
export interface WorkOrder<K extends EngineOperation = EngineOperation> {
  readonly operation: K;
  readonly input: OrderInput<K>;
  readonly outputs: readonly OrderOutput[];
}

export const workOrder = <K extends EngineOperation>(
  operation: K,
  input: OrderInput<K>,
  outputs: readonly OrderOutput[] = [],
): WorkOrder<K> => ({ operation, input, outputs });

/** What the orders of a step gave. */
export interface Outcome {
  /** Nothing was computed: all that the orders write was there. */
  readonly reused: boolean;
  /** Seconds that it took now. */
  readonly seconds: number;
  /** What the engine answered. Throws RangeError for an order that was not executed. */
  of<K extends EngineOperation>(order: WorkOrder<K>): EngineOutput<K>;
}

/** A spec whose needs are done, as far as one item of the ledger. */
export interface Step {
  readonly item: string;
  /** One after the other. */
  readonly orders: readonly WorkOrder[];
  /** Whether it is done already; left out: where the store has all that its orders write. */
  readonly known?: () => boolean | Promise<boolean>;
  /** What to write down once the files are stored. */
  finish(outcome: Outcome): ItemResult | Promise<ItemResult>;
  /** What is no longer needed once the step counts. */
  readonly release?: readonly string[];
}

/** A list of specs, and what each comes to once its needs are done: a step for each of its items. */
export interface Plan {
  readonly specs: readonly ItemSpec[];
  /** Called when the spec's needs are done. Null: it cannot be told yet. */
  complete(spec: ItemSpec): Promise<readonly Step[] | null> | readonly Step[] | null;
}
