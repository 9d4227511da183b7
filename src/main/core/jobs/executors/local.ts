import { z } from 'zod';
import { type EngineOperation, type EngineRequest, fileSchema } from '../../../../shared/engine';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type DatasetKey } from '../../artifacts/keys';
import { type EngineHost } from '../../engine/engine-host';
import { type Scratch } from '../../storage/scratch';
import { type Executor, type Take } from '../executor';
import { isReference, type Referring, type Unplaced, type WorkOrder } from '../item-spec';
import { type Context } from '../job-run';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly engine: EngineHost;
  readonly scratch: Scratch;
  /** Which dataset that is here, and where its files are. */
  readonly placeOf: (dataset: DatasetKey) => {
    readonly dataset: string;
    readonly datasetDir: string;
  };
}

/** This machine's own engine: one order at a time. */
export function localExecutor({ artifacts, engine, scratch, placeOf }: Parts): Executor {
  return {
    room: 1,
    execute: <K extends EngineOperation>(
      { operation, dataset, input }: WorkOrder<K>,
      context: Context,
      take: Take,
    ) =>
      scratch(async (outDir) => {
        const placed = await withPaths<Unplaced<K>>(artifacts, input);
        const whole = { ...placed, ...placeOf(dataset), outDir };
        const output = await engine.request(operation, whole as EngineRequest<K>, {
          lane: 'batch',
          ...context,
        });
        const { files } = madeSchema.parse(output);
        await take({ folder: outDir, files });
        return output;
      }),
  };
}

/** What an operation wrote; one that only tells something wrote nothing. */
const madeSchema = z.object({ files: z.array(fileSchema).default([]) });

/** The same with the paths of the artifacts that it refers to, each verified. */
async function withPaths<T>(artifacts: ArtifactStore, value: Referring<T>): Promise<T> {
  return (await resolved(artifacts, value)) as T;
}

async function resolved(artifacts: ArtifactStore, value: unknown): Promise<unknown> {
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await resolved(artifacts, item));
    return items;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isReference(value)) return artifacts.open(value.$artifact);
  const fields: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) fields[name] = await resolved(artifacts, item);
  return fields;
}
