import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import { datasetIdSchema } from '../../../shared/catalogue/datasets';
import { type EngineOperation, engineOperations, fileSchema } from '../../../shared/engine';
import { errorSchema } from '../../../shared/errors';
import { artifactKinds } from '../artifacts/artifacts';
import { type WorkOrder } from '../jobs/item-spec';

/** A hash as it names things: the only text of a message that may become part of a path. */
export const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits');

/** A blob by its content, and the artifact that it is. */
export const chainBlobSchema = z.object({
  key: hashSchema,
  sha256: hashSchema,
  bytes: z.int().nonnegative(),
});
export type ChainBlob = z.infer<typeof chainBlobSchema>;

/** A plain path within a folder: no way out of it on any system. */
const innerPathSchema = z
  .string()
  .max(200)
  .regex(
    /^(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)*$/,
    'a path within the folder, of letters, digits and . _ -',
  );

/** All files that an engine reads of a dataset in its folder, an import's list (`dataset.json`) too. */
export const chainDatasetSchema = z.object({
  dataset: datasetIdSchema,
  files: z.array(
    z.object({ name: innerPathSchema, sha256: hashSchema, bytes: z.int().nonnegative() }),
  ),
});
export type ChainDataset = z.infer<typeof chainDatasetSchema>;

const operations = Object.keys(engineOperations) as [EngineOperation, ...EngineOperation[]];

/** One order of a chain: an engine's request with references (`$artifact`) in place of paths. */
export const chainOrderSchema = z.object({
  /** Its request key (`requestKey`), by which its result is found whoever made it. */
  request: hashSchema,
  operation: z.enum(operations),
  /** Parsed with the operation's own schema once the references are paths. */
  input: z.record(z.string(), z.unknown()),
  outputs: z.array(
    z.object({
      file: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'a plain file name'),
      kind: z.enum(artifactKinds),
      key: hashSchema,
    }),
  ),
});
export type ChainOrder = z.infer<typeof chainOrderSchema>;

/** What a job of the queue holds: orders that follow one another, by content alone, 3 to 4 kB. */
export const workChainSchema = z.object({
  version: z.literal(1),
  /** Of the ledger's job, by which all that belongs to it is cancelled. */
  job: z.string(),
  dataset: chainDatasetSchema,
  orders: z.array(chainOrderSchema).min(1),
  /** What the orders refer to and do not make themselves. */
  blobs: z.array(chainBlobSchema),
});
export type WorkChain = z.infer<typeof workChainSchema>;

/** Who says so: a join's name, `@`, the machine's and the process's. */
const workerSchema = z.string().min(1).max(320);

/** What came of an order, as a worker puts it. Another content under the same key is a lie. */
export const workResultSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('done'),
    worker: workerSchema,
    /** That the engine was at it; at most a year, so that no sum of them leaves the numbers. */
    seconds: z.number().nonnegative().max(31_536_000),
    /** Parsed with the operation's own schema. */
    output: z.record(z.string(), z.unknown()),
    files: z.array(fileSchema.extend({ sha256: hashSchema })).max(64),
  }),
  /** The engine refused it: it would refuse it again. */
  z.object({ kind: z.literal('refused'), worker: workerSchema, error: errorSchema }),
]);
export type WorkResult = z.infer<typeof workResultSchema>;

/** How a chain that was cancelled ends in the queue, to the letter. */
export const cancelledReason = 'The job was cancelled.';

/** What a running job of the queue tells of itself. */
export const chainProgressSchema = z.object({
  worker: z.string(),
  request: hashSchema,
  done: z.number(),
  total: z.number(),
  unit: z.string(),
  loss: z.number().optional(),
  accuracy: z.number().optional(),
});
export type ChainProgress = z.infer<typeof chainProgressSchema>;

/**
 * The key of a request: the hash of its operation, its input by content, and the class of engines that
 * makes the same bytes of it. Artifacts are named by their keys, which hold everything that determines
 * their content, so that it can be told before anything is computed.
 */
export function requestKey(
  { operation, dataset, input, outputs }: WorkOrder,
  engineClass: string,
): string {
  const { files } = dataset;
  const made = outputs.map(({ key }) => key);
  const asked = { operation, dataset: { id: dataset.dataset, files }, input, made, engineClass };
  return createHash('sha256').update(canonicalJson(asked)).digest('hex');
}
