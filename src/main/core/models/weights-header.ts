import { open } from 'node:fs/promises';
import { z } from 'zod';
import { type WeightShapes } from '../../../shared/catalogue/starting-weights';
import { type ModelInput, modelInputSchema } from '../../../shared/model-input';

const metadataKey = '__metadata__';
const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string()).default({});
const tensorSchema = z.object({ shape: z.array(z.int().nonnegative()) });

/** What stands before the values of a safetensors file. */
export interface WeightsHead {
  /** Bytes before the first value. */
  readonly length: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** By their names, as the file has them. */
  readonly tensors: Readonly<Record<string, unknown>>;
}

/** Of a file that the studio wrote. */
export async function readHead(path: string): Promise<WeightsHead> {
  const file = await open(path, 'r');
  try {
    const size = Buffer.alloc(8);
    await file.read(size, 0, 8, 0);
    const header = Buffer.alloc(Number(size.readBigUInt64LE()));
    await file.read(header, 0, header.length, 8);
    const entries = headerSchema.parse(JSON.parse(header.toString('utf8')));
    const { [metadataKey]: metadata, ...tensors } = entries;
    return { length: 8 + header.length, metadata: metadataSchema.parse(metadata), tensors };
  } finally {
    await file.close();
  }
}

/** The same head with other metadata, padded as the format's own writer does. */
export function headWith({ tensors }: WeightsHead, metadata: WeightsHead['metadata']): Uint8Array {
  const text = Buffer.from(JSON.stringify({ [metadataKey]: metadata, ...tensors }));
  const length = Math.ceil(text.length / 8) * 8;
  const head = Buffer.alloc(8 + length, ' ');
  head.writeBigUInt64LE(BigInt(length));
  text.copy(head, 8);
  return head;
}

/** The shapes of a file's tensors, by their names. */
export const shapesIn = ({ tensors }: WeightsHead): WeightShapes =>
  new Map(Object.entries(tensors).map(([name, entry]) => [name, tensorSchema.parse(entry).shape]));

/** The same of a file that the studio wrote: its head alone is read. */
export const weightShapes = async (path: string): Promise<WeightShapes> =>
  shapesIn(await readHead(path));

/** What the model of such a file makes of images first; null: the file does not say it. */
export async function statedInput(path: string): Promise<ModelInput | null> {
  const head = await readHead(path).catch(() => null);
  const stated = head?.metadata['input'];
  return stated === undefined ? null : modelInputSchema.parse(JSON.parse(stated));
}
