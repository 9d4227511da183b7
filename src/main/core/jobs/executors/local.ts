import {
  type EngineFile,
  type EngineOperation,
  type EngineOutput,
} from '../../../../shared/engine';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type EngineHost } from '../../engine/engine-host';
import { type Scratch } from '../../storage/scratch';
import { type Executor } from '../executor';
import { type WorkOrder } from '../item-spec';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly engine: EngineHost;
  readonly scratch: Scratch;
  /** Where a dataset's files are, as the engine is told. */
  readonly datasetPlace: (dataset: string) => {
    readonly dataset: string;
    readonly name: string;
    readonly datasetDir: string;
  };
}

/** This machine's own engine: one order at a time. */
export function localExecutor(parts: Parts): Executor {
  return {
    room: 1,
    execute: async <K extends EngineOperation>(
      { operation, input }: WorkOrder<K>,
      context: Parameters<Executor['execute']>[1],
      take: Parameters<Executor['execute']>[2],
    ) =>
      parts.scratch(async (outDir) => {
        const resolved = (await withPaths(parts.artifacts, input)) as { dataset?: unknown };
        const place =
          typeof resolved.dataset === 'string' ? parts.datasetPlace(resolved.dataset) : {};
        const output = await parts.engine.request(
          operation,
          { ...resolved, ...place, outDir } as never,
          { lane: 'batch', ...context },
        );
        const files = 'files' in output ? (output.files as EngineFile[]) : [];
        await take({ folder: outDir, files });
        return output as EngineOutput<K>;
      }),
  };
}

/** The same with the paths of the artifacts that it refers to, each verified. */
async function withPaths(artifacts: ArtifactStore, value: unknown): Promise<unknown> {
  if (Array.isArray(value)) {
    const resolved: unknown[] = [];
    for (const item of value) resolved.push(await withPaths(artifacts, item));
    return resolved;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === 'artifact') return artifacts.open(String(only[1]));
  const resolved: Record<string, unknown> = {};
  for (const [name, item] of entries) resolved[name] = await withPaths(artifacts, item);
  return resolved;
}
