import { type EngineOperation, type EnginePort } from '../../../shared/engine';
import { StudioError } from '../../../shared/errors';
import { type InstalledFiles } from '../storage/installed-files';
import { startChildEngine } from './child-process-engine';

export interface StudioEngineOptions {
  readonly files: InstalledFiles;
  readonly log: (line: string) => void;
  /** false: `--no-engine`, TensorFlow is not even tried. */
  readonly tensorflow: boolean;
  /** Of an operation, asked when the engine is started; null: one a processor. Default null. */
  readonly threads?: () => number | null;
}

/** What every shell gives to `createApp`: the engine in its own process on the bundled Node. */
export function studioEngine(options: StudioEngineOptions): () => EnginePort {
  const { files, log } = options;
  return () => {
    const port = startChildEngine({
      nodePath: files.node,
      entry: files.engineEntry,
      threads: options.threads?.() ?? null,
      log,
    });
    return options.tensorflow ? port : withoutTensorflow(port);
  };
}

/** Operations that only read a dataset's files. */
const plain: ReadonlySet<EngineOperation> = new Set<EngineOperation>([
  'dataset-summary',
  'dataset-labels',
  'dataset-images',
  'dataset-masks',
]);

/** The same engine, whose numeric operations are refused before TensorFlow is loaded. */
export function withoutTensorflow(port: EnginePort): EnginePort {
  return {
    async request(operation, input, options) {
      if (plain.has(operation)) return port.request(operation, input, options);
      const reason = 'Saliency Studio was started without its engine (--no-engine)';
      const remedy = 'start it again without --no-engine';
      throw new StudioError({
        code: 'engine-unavailable',
        message: `${reason}: ${remedy}.`,
        details: { reason, remedy },
      });
    },
    close: () => port.close(),
  };
}
