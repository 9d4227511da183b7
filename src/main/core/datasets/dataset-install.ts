import { isAbsolute } from 'node:path';
import { canonicalJson } from '../../../shared/canonical';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type KnownDataset } from '../../../shared/catalogue/datasets';
import { refuse, StudioError } from '../../../shared/errors';
import { formatBytes } from '../../../shared/format/bytes';
import { type Job } from '../../../shared/jobs';
import { installJobSchema, type RouteParsed } from '../../../shared/routes';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Scheduler } from '../jobs/scheduler';
import { type UploadStore } from '../storage/transit/upload-store';
import { type DatasetArchives, type InstallInput } from './archives';
import { requireNotBundled } from './bundled';
import { datasetStages } from './dataset-job';
import { requireUnused } from './users';

interface Parts {
  readonly archives: DatasetArchives;
  readonly artifacts: Pick<ArtifactStore, 'freeBytes'>;
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly dataDir: string;
  readonly jobs: JobsRepository;
  readonly scheduler: Scheduler;
  readonly uploads: UploadStore;
}

/** Installing datasets, as jobs. */
export class DatasetInstalls {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A job of its own; one that stopped with the same input is resumed. */
  async install(asked: RouteParsed<'datasets.install'>): Promise<{ job: Job }> {
    const { dataset } = asked;
    const { archives, jobs, scheduler } = this.#parts;
    const known = this.#parts.catalogues.datasets.get(dataset);
    const { name } = known;
    requireNotBundled(known, 'not installed');
    requireUnused(scheduler, name, dataset);
    const input: InstallInput = { ...asked, source: await this.#sourceOf(asked) };
    const { source } = input;
    await this.#requireSource(input, known);
    // Another one may have begun meanwhile.
    requireUnused(scheduler, name, dataset);
    const stopped = jobs
      .inState('parked', 'cancelled', 'failed')
      .filter(({ kind, subject }) => kind === 'dataset' && subject === dataset);
    const same = stopped.findLast(
      ({ id }) => canonicalJson(jobs.input(id, installJobSchema)) === canonicalJson(input),
    );
    // Another one that waits to go on would undo this one's work.
    for (const { id, state } of stopped) {
      if (state === 'parked' && id !== same?.id) scheduler.cancel(id);
    }
    if (same) return { job: scheduler.resume(same.id) };
    const how = { download: 'Install', package: 'Install', path: 'Import' }[source.kind];
    const stages = datasetStages(archives, input, known).map(({ id, title, items }) => ({
      id,
      title,
      items: items.length,
    }));
    const title = `${how} ${name}`;
    const job = scheduler.start({ kind: 'dataset', title, subject: dataset, input, stages });
    return { job };
  }

  /** An archive that was sent becomes one that lies here: the job may go on after a restart. */
  async #sourceOf({ dataset, source }: RouteParsed<'datasets.install'>) {
    if (source.kind !== 'upload') return source;
    const { archives, uploads } = this.#parts;
    const path = await uploads.keep(source.upload, archives.sentFolder(dataset));
    return { kind: 'path' as const, path };
  }

  async #requireSource({ dataset, source }: InstallInput, known: KnownDataset): Promise<void> {
    if (source.kind !== 'path') {
      const { bytes } = this.#parts.archives.source(dataset, source.kind);
      await this.#requireSpace(known, bytes);
      return;
    }
    const { path } = source;
    if (!isAbsolute(path)) throw refuse('source.path', path, 'an absolute path');
    await this.#parts.archives.requirePath(path);
  }

  /** The archive and its images side by side; what a subset saves is not counted. */
  async #requireSpace(
    { shape, train, validation, name }: KnownDataset,
    archive: number,
  ): Promise<void> {
    const needed = archive + shape[0] * shape[1] * shape[2] * (train + validation);
    const free = await this.#parts.artifacts.freeBytes();
    if (free >= needed) return;
    throw new StudioError({
      code: 'disk-full',
      message: `Installing ${name} takes ${formatBytes(needed)}, and the disk that holds ${this.#parts.dataDir} has ${formatBytes(free)} left: free some space first.`,
      details: { needed: String(needed), free: String(free) },
    });
  }
}
