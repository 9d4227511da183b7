import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { imagesJobSchema } from '../../../shared/routes';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type ImagesInput } from './images-import';

const rootOf = (dataDir: string) => join(dataDir, 'downloads', 'sent-images');

/** Where the files that were sent for one import lie until it is done, which may be after a restart. */
export const sentFolder = (dataDir: string, import_: string): string =>
  join(rootOf(dataDir), import_);

/** The folders of what was sent for an import; each file lies in one of its own there. */
function foldersOf(dataDir: string, { path, labels }: Pick<ImagesInput, 'path' | 'labels'>) {
  return [path, ...(labels === null ? [] : [labels])]
    .map((file) => dirname(dirname(file)))
    .filter((folder) => dirname(folder) === rootOf(dataDir));
}

/** Delete what was sent for an import. */
export async function forgetSent(dataDir: string, input: ImagesInput): Promise<void> {
  for (const folder of foldersOf(dataDir, input))
    await rm(folder, { recursive: true, force: true });
}

/** Delete what was sent for imports that were cancelled, or failed, and that nobody took up again. */
export async function forgetUnneeded(
  dataDir: string,
  jobs: Pick<JobsRepository, 'inState' | 'input'>,
): Promise<void> {
  const root = rootOf(dataDir);
  if (!existsSync(root)) return;
  const needed = new Set(
    jobs
      .inState('queued', 'running', 'cancelling', 'parked')
      .filter(({ kind }) => kind === 'images')
      .flatMap(({ id }) => foldersOf(dataDir, jobs.input(id, imagesJobSchema))),
  );
  for (const name of await readdir(root)) {
    const folder = join(root, name);
    if (!needed.has(folder)) await rm(folder, { recursive: true, force: true });
  }
}
