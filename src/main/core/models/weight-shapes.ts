import { open } from 'node:fs/promises';
import { z } from 'zod';
import { type WeightShapes } from '../../../shared/catalogue/starting-weights';

const headerSchema = z.record(z.string(), z.unknown());
const tensorSchema = z.object({ shape: z.array(z.int().nonnegative()) });

/**
 * The shapes of the tensors of a safetensors file that the studio wrote, by their names: its header alone
 * is read.
 */
export async function weightShapes(path: string): Promise<WeightShapes> {
  const file = await open(path, 'r');
  try {
    const size = Buffer.alloc(8);
    await file.read(size, 0, 8, 0);
    const header = Buffer.alloc(Number(size.readBigUInt64LE()));
    await file.read(header, 0, header.length, 8);
    const entries = headerSchema.parse(JSON.parse(header.toString('utf8')));
    return new Map(
      Object.entries(entries)
        .filter(([name]) => name !== '__metadata__')
        .map(([name, entry]) => [name, tensorSchema.parse(entry).shape]),
    );
  } finally {
    await file.close();
  }
}
