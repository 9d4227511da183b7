import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type NdArray } from '../../../shared/arrays';
import { datasetIdSchema } from '../../../shared/catalogue/datasets';
import {
  type EngineDescription,
  type EngineFile,
  type EngineOperation,
  engineOperations,
  type EngineOutput,
  type EngineRequest,
  fileSchema,
} from '../../../shared/engine';
import { decodeNpy } from '../../../shared/npy';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type EngineHost, type EngineRequestOptions } from '../engine/engine-host';
import { type Scratch } from '../storage/scratch';
import { isReference, type Referring } from './item-spec';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly engine: EngineHost;
  readonly scratch: Scratch;
  /** Where a dataset's files are. */
  readonly placeOf: (dataset: string) => { readonly datasetDir: string };
}

/** Where files lie is not the caller's to know. */
type Asked<K extends EngineOperation> = Omit<EngineRequest<K>, 'outDir' | 'datasetDir'>;
/** An operation's input with references in place of paths, its dataset by its id. */
export type RequestInput<K extends EngineOperation> = Referring<Asked<K>>;

/** What an operation answered, and the files that it wrote, where they lie for now. */
export interface Made<K extends EngineOperation> {
  readonly output: EngineOutput<K>;
  readonly folder: string;
  readonly files: readonly EngineFile[];
}

const interactive: EngineRequestOptions = { lane: 'interactive' };

/** This machine's engine, asked by content: datasets by their ids, stored arrays by their keys. */
export class EngineRequests {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `engine-unavailable` where it cannot compute. */
  ready(): Promise<EngineDescription> {
    return this.#parts.engine.ready();
  }

  /** What an operation answers that writes no file. */
  async ask<K extends EngineOperation>(
    operation: K,
    input: RequestInput<K>,
    options = interactive,
  ): Promise<EngineOutput<K>> {
    const whole = await this.#placed(operation, input);
    return this.#parts.engine.request(operation, whole as EngineRequest<K>, options);
  }

  /** @param take reads, stores or moves what was written: it is gone afterwards */
  collect<K extends EngineOperation, T>(
    operation: K,
    input: RequestInput<K>,
    take: (made: Made<K>) => Promise<T>,
    options = interactive,
  ): Promise<T> {
    return this.#parts.scratch((folder) => this.collectIn(folder, operation, input, take, options));
  }

  /**
   * The same in a folder of the caller's, which stays: what an attempt that ended early left there is
   * the operation's to go on with.
   */
  async collectIn<K extends EngineOperation, T>(
    folder: string,
    operation: K,
    input: RequestInput<K>,
    take: (made: Made<K>) => Promise<T>,
    options = interactive,
  ): Promise<T> {
    const whole = { ...(await this.#placed(operation, input)), outDir: folder };
    const output = await this.#parts.engine.request(operation, whole as EngineRequest<K>, options);
    const { files } = madeSchema.parse(output);
    return take({ output, folder, files });
  }

  /** The arrays of some of the `.npy` files that an operation writes, in the order of their names. */
  arrays<K extends EngineOperation, const N extends readonly string[]>(
    operation: K,
    input: RequestInput<K>,
    names: N,
    options = interactive,
  ): Promise<{ -readonly [I in keyof N]: NdArray }> {
    return this.collect(
      operation,
      input,
      async ({ folder }) => {
        const read = async (name: string) => decodeNpy(await readFile(join(folder, name)), name);
        return (await Promise.all(names.map(read))) as { -readonly [I in keyof N]: NdArray };
      },
      options,
    );
  }

  /** The same with paths in place of references; whoever reads a dataset is told where it lies. */
  async #placed<K extends EngineOperation>(
    operation: K,
    input: RequestInput<K>,
  ): Promise<Asked<K>> {
    const { artifacts, placeOf } = this.#parts;
    const place =
      'dataset' in input && 'datasetDir' in engineOperations[operation].input.shape
        ? placeOf(datasetIdSchema.parse(input.dataset))
        : {};
    return { ...(await withPaths<Asked<K>>(artifacts, input)), ...place };
  }
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
