import { type EngineFile, type EngineOperation, type EngineOutput } from '../../../shared/engine';
import { type WorkOrder } from './item-spec';
import { type ItemContext } from './job-run';

/** Files that an order made, where they lie for now. */
export interface MadeFiles {
  readonly folder: string;
  readonly files: readonly EngineFile[];
}

/** Stores what was made; the files are gone after it. */
export type Take = (made: MadeFiles) => Promise<void>;

/** Where the orders of one spec are done, which follow one another. */
export interface Place {
  /**
   * @throws StudioError `cancelled` after an abort, and whatever the engine refuses
   */
  execute<K extends EngineOperation>(
    order: WorkOrder<K>,
    context: ItemContext,
    take: Take,
  ): Promise<EngineOutput<K>>;
  /** Nothing more is asked of it. */
  close(): Promise<void>;
}

/** Does orders by their content alone. */
export interface Executor {
  /** How many specs it may have under way at once, at least 1. */
  readonly room: number;
  /**
   * @param job of the ledger, to which the orders belong
   * @param left what of the spec would have to be computed, in order: a place that works ahead may
   *   begin with what it will be asked for
   * @param title of the spec, for a person
   */
  open(job: string, left: () => Promise<readonly WorkOrder[]>, title: string): Place;
}
