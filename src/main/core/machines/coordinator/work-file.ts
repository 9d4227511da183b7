import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parse, StudioError } from '../../../../shared/errors';
import { storageError } from '../../storage/storage-error';
import { machinesFolder } from '../machines-folder';
import { usualWork, type WorkSettings, workSettingsSchema } from './work-settings';

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
