import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type z } from 'zod';
import { type DatasetRecord, datasetRecordSchema } from '../../../shared/records';

export type Origin = NonNullable<DatasetRecord['origin']>;

/** Beside a dataset's files, and no part of what the dataset is: its content's key leaves it out. */
const file = 'origin.json';

const schema: z.ZodType<DatasetRecord['origin']> = datasetRecordSchema.shape.origin;

export async function writeOrigin(folder: string, origin: Origin): Promise<void> {
  await writeFile(join(folder, file), `${JSON.stringify(origin, null, 2)}\n`);
}

/** Where an installed dataset came from; null where that is not known. */
export async function readOrigin(folder: string): Promise<Origin | null> {
  try {
    return schema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
  } catch {
    return null;
  }
}
