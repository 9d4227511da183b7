import { type EngineFile, type EngineOperation, type EngineOutput } from '../../../shared/engine';
import { type WorkOrder } from './item-spec';
import { type Context } from './job-run';

/** Files that an order made, where they lie for now. */
export interface MadeFiles {
  readonly folder: string;
  readonly files: readonly EngineFile[];
}

/** A place of work: does orders by their content alone, and knows nothing of jobs. */
export interface Executor {
  /** How many orders it may have under way at once, at least 1. */
  readonly room: number;
  /**
   * @param take stores what was made; the files are gone when `execute` answers
   * @throws StudioError `cancelled` after an abort, and whatever the engine refuses
   */
  execute<K extends EngineOperation>(
    order: WorkOrder<K>,
    context: Context,
    take: (made: MadeFiles) => Promise<void>,
  ): Promise<EngineOutput<K>>;
}
