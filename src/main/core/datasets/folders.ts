import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { storedDatasetFile as mark } from '../../../shared/stored-dataset';
import { syncPath } from '../storage/durable';
import { type InstalledFiles, packageFolder } from '../storage/installed-files';
import { storageError } from '../storage/storage-error';
import { datasetMissing } from './missing';

const rootOf = (dataDir: string) => join(dataDir, 'datasets');
const asidePrefix = (dataset: string) => `.old-${dataset}-`;

/** Where an installed dataset's files are. */
export function datasetFolder(dataDir: string, dataset: string): string {
  return join(rootOf(dataDir), dataset);
}

/** What tells where a dataset's files are. */
export interface DatasetPlaces {
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly dataDir: string;
  readonly files: InstalledFiles;
}

/**
 * Which dataset, and where its files are: the start of most engine requests.
 *
 * @throws StudioError `dataset-missing` for what is neither installed nor lies with the packages
 */
export function datasetSource({ catalogues, files, dataDir }: DatasetPlaces, dataset: string) {
  if (isInstalled(dataDir, dataset)) {
    return { dataset, datasetDir: datasetFolder(dataDir, dataset) };
  }
  const known = catalogues.datasets.find(dataset);
  const datasetDir = known?.bundled ? packageFolder(files, known.bundled) : null;
  if (datasetDir === null) throw datasetMissing(known?.name ?? dataset, known);
  return { dataset, datasetDir };
}

export function isInstalled(dataDir: string, dataset: string): boolean {
  return existsSync(join(datasetFolder(dataDir, dataset), mark));
}

/**
 * Put a whole folder in a dataset's place. The one that stands there is moved aside first and
 * deleted after; whenever this ends early, `sweepDatasets` brings one of the two back in place.
 */
export async function placeDataset(dataDir: string, dataset: string, from: string): Promise<void> {
  const root = rootOf(dataDir);
  try {
    await mkdir(root, { recursive: true });
    for (const name of await readdir(from)) syncPath(join(from, name));
    syncPath(from);
    const aside = await moveAside(dataDir, dataset);
    await rename(from, datasetFolder(dataDir, dataset));
    syncPath(root);
    if (aside !== null) await rm(aside, { recursive: true, force: true });
  } catch (error) {
    await sweepDatasets(dataDir, [dataset]).catch(() => undefined);
    throw storageError(error, root);
  }
}

export async function removeDataset(dataDir: string, dataset: string): Promise<void> {
  try {
    const aside = await moveAside(dataDir, dataset);
    if (aside === null) return;
    // Without its mark it is no dataset any more, wherever this ends.
    await rm(join(aside, mark), { force: true });
    await rm(aside, { recursive: true, force: true });
  } catch (error) {
    throw storageError(error, rootOf(dataDir));
  }
}

/** After a crash: a dataset that was moved aside for one that never came goes back; the rest goes. */
export async function sweepDatasets(dataDir: string, ids: readonly string[]): Promise<void> {
  const root = rootOf(dataDir);
  if (!existsSync(root)) return;
  // One id may be the beginning of another.
  const longestFirst = [...ids].sort((a, b) => b.length - a.length);
  for (const name of await readdir(root)) {
    const dataset = longestFirst.find((id) => name.startsWith(asidePrefix(id)));
    if (dataset === undefined) continue;
    const aside = join(root, name);
    const place = datasetFolder(dataDir, dataset);
    if (!existsSync(place) && existsSync(join(aside, mark))) await rename(aside, place);
    else await rm(aside, { recursive: true, force: true });
  }
}

async function moveAside(dataDir: string, dataset: string): Promise<string | null> {
  const place = datasetFolder(dataDir, dataset);
  if (!existsSync(place)) return null;
  const aside = join(rootOf(dataDir), `${asidePrefix(dataset)}${randomUUID()}`);
  await rename(place, aside);
  return aside;
}
