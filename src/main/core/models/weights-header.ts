import { open } from 'node:fs/promises';
import { z } from 'zod';
import { type WeightShapes } from '../../../shared/catalogue/starting-weights';
import { type ModelInput, modelInputSchema } from '../../../shared/model-input';

const metadataKey = '__metadata__';
const headerSchema = z.record(z.string(), z.unknown());
const tensorSchema = z.object({ shape: z.array(z.int().nonnegative()) });
const statedSchema = z.object({ input: z.string() });

/**
 * The shapes of the tensors of a safetensors file that the studio wrote, by their names: its header alone
 * is read.
 */
export async function weightShapes(path: string): Promise<WeightShapes> {
  return new Map(
    Object.entries(await headerOf(path))
      .filter(([name]) => name !== metadataKey)
      .map(([name, entry]) => [name, tensorSchema.parse(entry).shape]),
  );
}

/** What the model of such a file makes of images first; null: the file does not say it. */
export async function statedInput(path: string): Promise<ModelInput | null> {
  const header = await headerOf(path).catch(() => null);
  const stated = statedSchema.safeParse(header?.[metadataKey]);
  if (!stated.success) return null;
  return modelInputSchema.parse(JSON.parse(stated.data.input));
}

async function headerOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  const file = await open(path, 'r');
  try {
    const size = Buffer.alloc(8);
    await file.read(size, 0, 8, 0);
    const header = Buffer.alloc(Number(size.readBigUInt64LE()));
    await file.read(header, 0, header.length, 8);
    return headerSchema.parse(JSON.parse(header.toString('utf8')));
  } finally {
    await file.close();
  }
}
