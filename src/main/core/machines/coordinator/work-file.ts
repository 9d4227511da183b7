import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { parse, StudioError } from '../../../../shared/errors';
import { workplaceSchema } from '../../../../shared/machines';
import { storageError } from '../../storage/storage-error';
import { machinesFolder } from '../machines-folder';

const threadsSchema = z.int().min(1, 'from 1 to 256').max(256, 'from 1 to 256');

/** Where jobs are done that begin from now on, and with how many threads an item. */
export const workSettingsSchema = z.object({
  workplace: workplaceSchema,
  /** Null: one a processor. */
  threads: threadsSchema.nullable(),
});
export type WorkSettings = Readonly<z.infer<typeof workSettingsSchema>>;

export const usualWork: WorkSettings = { workplace: 'here', threads: null };

/** As it was set, else as usual. Throws `corrupt-file` naming the file. */
export function readWork(dataDir: string): WorkSettings {
  const { work } = machinesFolder(dataDir);
  let text: string;
  try {
    text = readFileSync(work, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return usualWork;
    throw storageError(error, work);
  }
  try {
    return workSettingsSchema.parse(JSON.parse(text));
  } catch {
    throw new StudioError({
      code: 'corrupt-file',
      message: `${work} does not say where jobs are done: delete it, and set it again (Settings, Machines).`,
    });
  }
}

export function writeWork(dataDir: string, settings: WorkSettings): void {
  const { root, work } = machinesFolder(dataDir);
  const text = JSON.stringify(parse(workSettingsSchema, settings), null, 2);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    writeFileSync(`${work}.part`, `${text}\n`);
    renameSync(`${work}.part`, work);
  } catch (error) {
    throw storageError(error, work);
  }
}
