import { basename } from 'node:path';
import { StudioError } from '../../../shared/errors';
import { installedFiles } from '../../core/storage/installed-files';
import { requestRestore } from '../../core/storage/restore';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { refusingFile } from '../files';
import { inputPath, outFile } from '../places';

export interface BackupCommandOptions {
  readonly out?: string;
}

/** A copy of the database, in the data directory and where else it is wanted. */
export async function backupCommand(
  context: CommandContext,
  { out }: BackupCommandOptions,
): Promise<Outcome> {
  const to = out === undefined ? null : await outFile(out);
  return withApp(context, 'write', async ({ api }) => {
    const backup = await api.call('backup.create', {});
    const paths = [backup.path];
    if (to !== null) {
      paths.push(await to.write({ name: basename(backup.path), copyOf: backup.path }));
    }
    return {
      json: { command: 'backup', backup, files: paths },
      text: [`${backup.bytes} bytes.`, ...paths.map((path) => `Written to ${path}.`)],
      exit: exits.done,
    };
  });
}

/** Put a backup in the place of the database, at once: the present one is kept. */
export async function restoreCommand(context: CommandContext, path: string): Promise<Outcome> {
  const backup = await inputPath(path, 'a backup that can be read');
  const kept = await refusingFile(() => ask(context, backup));
  // The restore takes place where the database is next opened, which is here.
  await withApp(context, 'write', ({ api }) => api.call('app.status', {}));
  return {
    json: { command: 'restore', restored: backup, kept },
    text: [`${backup} is in place.`, `What was there before is kept in ${kept}.`],
    exit: exits.done,
  };
}

async function ask(context: CommandContext, backup: string): Promise<string> {
  try {
    return await withApp(context, 'write', async ({ api }) => {
      const { kept } = await api.call('backup.restore', { path: backup });
      return kept;
    });
  } catch (error) {
    // A damaged database cannot be opened, which is when a backup is wanted most.
    const damaged = error instanceof StudioError && error.code === 'corrupt-file';
    if (!damaged) throw error;
    return requestRestore({
      directory: context.dataDir,
      backup,
      migrations: installedFiles(import.meta.url).migrations,
      at: new Date(),
    }).kept;
  }
}
