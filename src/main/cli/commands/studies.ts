import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { refuse } from '../../../shared/errors';
import { counted } from '../../../shared/format/counts';
import { alikeNames } from '../../../shared/identifying-text';
import { readArchiveFolder } from '../../core/studies/archive/folder';
import { readZip, writeZipFile } from '../../core/studies/archive/zip';
import { temporaryFolder } from '../../core/storage/temporary-folder';
import { type Written } from '../../core/export/folder/output-folder';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { fetched, namedFile, refusingFile, writeTo } from '../files';
import { findStudy } from '../find-study';
import { table } from '../output';
import { inputPath, outFile, outFolder, writeInto } from '../places';

export async function studiesList(context: CommandContext): Promise<Outcome> {
  const studies = await withApp(context, 'read', ({ api }) => api.call('studies.list', {}));
  const alike = alikeNames(
    studies.map(({ name }) => name),
    'studies',
  );
  return {
    json: { command: 'studies list', studies, ...(alike.length > 0 ? { alike } : {}) },
    text:
      studies.length === 0
        ? ['There is no study in this data directory.']
        : [
            ...table(
              ['study', 'version', 'name', 'state', 'raters', 'ratings'],
              studies.map(({ id, version, name, state, raters, ratings }) => [
                id,
                String(version),
                name,
                state,
                String(raters),
                String(ratings),
              ]),
            ),
            ...alike,
          ],
    exit: exits.done,
  };
}

/** An archive, packed or unpacked, into this data directory. */
export async function studiesImport(context: CommandContext, text: string): Promise<Outcome> {
  const path = await inputPath(text, 'a file that can be read, or a folder');
  const take = (file: string) =>
    withApp(context, 'write', async ({ api, files }) => {
      return refusingFile(async () => {
        const { upload } = await files.adopt(file);
        return api.call('studies.import', { upload });
      });
    });
  const folder = (await stat(path)).isDirectory();
  const { notes, ...study } = folder ? await packed(path, take) : await take(await namedFile(text));
  return {
    json: { command: 'studies import', study, notes },
    text: [
      `${study.name}, version ${study.version} (${study.id}): ${study.raters} raters, ${study.ratings} ratings.`,
      ...notes,
    ],
    exit: exits.done,
  };
}

/** Work with an archive that was unpacked to a folder, as one file. */
async function packed<T>(folder: string, work: (file: string) => Promise<T>): Promise<T> {
  const files = await refusingFile(() => readArchiveFolder(folder));
  if (!files) {
    throw refuse('FILE', folder, 'an archive of a study, or the folder that one was unpacked to');
  }
  const scratch = temporaryFolder();
  try {
    const file = join(scratch.path, `${basename(folder)}.zip`);
    await writeZipFile(files, file);
    return await work(file);
  } finally {
    scratch.remove();
  }
}

/** In every archive, whatever the study holds: a file of somebody else in their way is found at once. */
const certainFiles = ['README.md', 'manifest.json', 'config.json', 'ratings.csv', 'events.csv'];

export interface ExportCommandOptions {
  readonly study: string;
  readonly out: string;
}

/** The archive of a study: a ZIP where the name ends so, else a folder of its files. */
export async function exportCommand(
  context: CommandContext,
  { study: named, out }: ExportCommandOptions,
): Promise<Outcome> {
  const zip = /\.zip$/i.test(out) ? await outFile(out) : null;
  const folder = zip ? null : await outFolder(out, certainFiles);
  return withApp(context, 'read', async (app) => {
    const { api } = app;
    const study = await findStudy(api, named);
    const file = await api.call('studies.export', { study: study.id });
    const written =
      folder === null
        ? null
        : await fetched(app.files, file, (path) => unpack(context, folder, path));
    const files = zip ? [await writeTo(zip, app, file)] : (written?.files ?? []);
    const replaced = written?.replaced ?? null;
    return {
      json: { command: 'export', study: study.id, out: resolve(out), files, replaced },
      text: [`${study.name}: ${counted(files.length, 'file')}.`, `Written to ${resolve(out)}.`],
      exit: exits.done,
    };
  });
}

function unpack(context: CommandContext, path: string, archive: string): Promise<Written> {
  return writeInto(context, path, async (folder) => {
    for (const [name, content] of await readZip(archive)) await folder.add(name, content);
  });
}
