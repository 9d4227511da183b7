import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { refuse } from '../../../shared/errors';
import { alikeNames } from '../../../shared/identifying-text';
import { readZip, writeZipFile } from '../../core/archive/zip';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { fetched, namedFile, refusingFile, writeExport } from '../files';
import { findStudy } from '../find-study';
import { table } from '../output';

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
export async function studiesImport(context: CommandContext, path: string): Promise<Outcome> {
  const folder = await stat(resolve(path)).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const take = (file: string) =>
    withApp(context, 'write', async ({ api, files }) => {
      return refusingFile(async () => {
        const { upload } = await files.adopt(file);
        return api.call('studies.import', { upload });
      });
    });
  const study = folder ? await packed(resolve(path), take) : await take(await namedFile(path));
  return {
    json: { command: 'studies import', study },
    text: [
      `${study.name}, version ${study.version} (${study.id}): ${study.raters} raters, ${study.ratings} ratings.`,
    ],
    exit: exits.done,
  };
}

/** Work with a folder of an unpacked archive as one file, whatever its order on disk. */
async function packed<T>(folder: string, work: (file: string) => Promise<T>): Promise<T> {
  const manifest = await stat(join(folder, 'manifest.json')).catch(() => null);
  if (!manifest?.isFile()) {
    throw refuse('FILE', folder, 'an archive of a study, or the folder that one was unpacked to');
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const files = new Map<string, Uint8Array>();
  for (const path of paths) {
    files.set(relative(folder, path).split(sep).join('/'), await readFile(path));
  }
  const scratch = await mkdtemp(join(tmpdir(), 'saliency-studio-'));
  try {
    const file = join(scratch, `${basename(folder)}.zip`);
    await writeZipFile(files, file);
    return await work(file);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export interface ExportCommandOptions {
  readonly study: string;
  readonly out: string;
}

/** The archive of a study: a ZIP where the name ends so, else a folder of its files. */
export async function exportCommand(
  context: CommandContext,
  { study: named, out }: ExportCommandOptions,
): Promise<Outcome> {
  return withApp(context, 'read', async (app) => {
    const { api } = app;
    const study = await findStudy(api, named);
    const file = await api.call('studies.export', { study: study.id });
    const files = /\.zip$/i.test(out)
      ? [await writeExport(app, out, file)]
      : await fetched(app.files, file, (path) => unpack(resolve(out), path));
    return {
      json: { command: 'export', study: study.id, out: resolve(out), files },
      text: [
        `${study.name}: ${files.length} ${files.length === 1 ? 'file' : 'files'}.`,
        `Written to ${resolve(out)}.`,
      ],
      exit: exits.done,
    };
  });
}

/** The manifest comes last: where it is, the rest is whole. */
async function unpack(folder: string, archive: string): Promise<string[]> {
  const files = await readZip(archive);
  await mkdir(folder, { recursive: true });
  const manifest = join(folder, 'manifest.json');
  const strangers = await readdir(folder);
  const own = new Set([...files.keys()].map((path) => path.split('/')[0] ?? path));
  const stranger = strangers.find((name) => !own.has(name));
  if (stranger !== undefined) {
    throw refuse('--out', folder, `a new or empty folder: this one holds ${stranger}`);
  }
  await rm(manifest, { force: true });
  const paths: string[] = [];
  for (const [name, content] of files) {
    const path = join(folder, ...name.split('/'));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    paths.push(path);
  }
  return paths;
}
