import { type EngineFile, type EngineOperation, type EngineOutput } from '../../../shared/engine';
import { type WorkOrder } from './item-spec';
import { type Context } from './job-run';

/** Files that an order made, where they lie for now. */
export interface MadeFiles {
  readonly folder: string;
  readonly files: readonly EngineFile[];
}

/** Stores what was made; the files are gone after it. */
export type Take = (made: MadeFiles) => Promise<void>;

/** A place of work: does orders by their content alone, and knows nothing of jobs. */
export interface Executor {
  /** How many orders it may have under way at once, at least 1. */
  readonly room: number;
  /**
   * @throws StudioError `cancelled` after an abort, and whatever the engine refuses
   */
  execute<K extends EngineOperation>(
    order: WorkOrder<K>,
    context: Context,
    take: Take,
  ): Promise<EngineOutput<K>>;
}
