import { type EngineCatalogues } from '../../engine/catalogues';
import { type SampleFiles } from '../../engine/datasets/images/sample-files';
import { type Runtime } from '../../engine/runtime/load';
import {
  type EngineInput,
  type EngineOperation,
  type EngineOutput,
  type EngineProgress,
} from '../../shared/engine';
import { type DatasetCache } from './dataset-cache';
import { type ModelCache } from './model-cache';
import { type RemovalCache } from './removal-cache';

/** What an operation may use. Nothing in it is part of the result: operations are stateless. */
export interface OperationContext {
  /** TensorFlow, loaded at the first call. Throws `engine-unavailable`. */
  runtime(): Promise<Runtime>;
  readonly catalogues: EngineCatalogues;
  readonly datasets: DatasetCache;
  readonly models: ModelCache;
  readonly removal: RemovalCache;
  /** Of the archive of images that was looked at last. */
  readonly samples: SampleFiles;
  /** Aborted by a cancel; waiting on it between batches lets interactive requests in. */
  readonly signal: AbortSignal;
  readonly report: (progress: EngineProgress) => void;
}

export type Operation<K extends EngineOperation> = (
  input: EngineInput<K>,
  context: OperationContext,
) => Promise<EngineOutput<K>>;

export type Operations = { readonly [K in EngineOperation]: Operation<K> };
