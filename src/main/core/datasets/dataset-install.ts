import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { canonicalJson } from '../../../shared/canonical';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type KnownDataset } from '../../../shared/catalogue/datasets';
import { conflict, refuse, StudioError } from '../../../shared/errors';
import { formatBytes } from '../../../shared/format/bytes';
import { type NewId } from '../../../shared/ids';
import { type Job } from '../../../shared/jobs';
import { type DatasetRecord } from '../../../shared/records';
import { installJobSchema, type RouteParsed } from '../../../shared/routes';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Scheduler } from '../jobs/scheduler';
import { type Clock, now } from '../storage/environment';
import { type UploadStore } from '../storage/transit/upload-store';
import { datasetStages } from './dataset-job';
import { type DatasetsService } from './datasets-service';
import { removeDataset } from './folders';
import {
  type DatasetSources,
  forgetArchives,
  type InstallInput,
  sentArchives,
  sourceOf,
} from './sources';
import { requireUnused } from './users';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly datasetSources: DatasetSources;
  readonly events: Events;
  /** Whether a model, run or study names a dataset. */
  readonly isNamed: (dataset: string) => boolean;
  readonly jobs: JobsRepository;
  readonly newId: NewId;
  readonly uploads: UploadStore;
}

/** Installing datasets, as jobs, and removing them. */
export class DatasetInstalls {
  readonly #parts: Parts;
  readonly #datasets: DatasetsService;
  readonly #scheduler: Scheduler;

  constructor(parts: Parts, datasets: DatasetsService, scheduler: Scheduler) {
    this.#parts = parts;
    this.#datasets = datasets;
    this.#scheduler = scheduler;
  }

  /** A job of its own; one that stopped with the same input is taken up where it stands. */
  async install(asked: RouteParsed<'datasets.install'>): Promise<{ job: Job }> {
    const { dataset } = asked;
    const { jobs } = this.#parts;
    const known = this.#parts.catalogues.datasets.get(dataset);
    const { name } = known;
    requireNotBundled(known, 'not installed');
    requireUnused(this.#scheduler, name, dataset);
    const input: InstallInput = { ...asked, source: await this.#sourceOf(asked) };
    const { source } = input;
    await this.#requireSource(input, known);
    // Another one may have begun meanwhile.
    requireUnused(this.#scheduler, name, dataset);
    const stopped = jobs
      .inState('parked', 'cancelled', 'failed')
      .filter(({ kind, subject }) => kind === 'dataset' && subject === dataset);
    const same = stopped.findLast(
      ({ id }) => canonicalJson(jobs.input(id, installJobSchema)) === canonicalJson(input),
    );
    // Another one that waits to go on would undo this one's work.
    for (const { id, state } of stopped) {
      if (state === 'parked' && id !== same?.id) this.#scheduler.cancel(id);
    }
    if (same) return { job: this.#scheduler.resume(same.id) };
    const id = this.#parts.newId('job');
    const how = { download: 'Install', package: 'Install', path: 'Import' }[source.kind];
    jobs.insert({
      ...{ id, kind: 'dataset', title: `${how} ${name}`, subject: dataset, input },
      stages: datasetStages(this.#parts, input, known).map((stage) => ({
        id: stage.id,
        title: stage.title,
        items: stage.items.length,
      })),
      createdAt: now(this.#parts),
    });
    return { job: this.#scheduler.enqueued(id) };
  }

  /** Its files and what was downloaded of it; models and runs made with it stay. */
  async remove(dataset: string): Promise<DatasetRecord> {
    const { name } = this.#datasets.facts(dataset);
    const known = this.#parts.catalogues.datasets.find(dataset);
    if (known) requireNotBundled(known, 'not removed');
    requireUnused(this.#scheduler, name, dataset);
    await removeDataset(this.#parts.dataDir, dataset);
    await forgetArchives(this.#parts, dataset);
    const record = await this.#datasets.removed(dataset, this.#parts.isNamed(dataset));
    this.#parts.events.emit({ type: 'dataset.changed', dataset });
    return record;
  }

  /** An archive that was sent becomes one that lies here: the job may go on after a restart. */
  async #sourceOf({ dataset, source }: RouteParsed<'datasets.install'>) {
    if (source.kind !== 'upload') return source;
    const folder = sentArchives(this.#parts, dataset);
    return { kind: 'path' as const, path: await this.#parts.uploads.keep(source.upload, folder) };
  }

  async #requireSource({ dataset, source }: InstallInput, known: KnownDataset): Promise<void> {
    if (source.kind !== 'path') {
      const { bytes } = sourceOf(this.#parts, dataset, source.kind);
      await this.#requireSpace(known, bytes);
      return;
    }
    const { path } = source;
    if (!isAbsolute(path)) throw refuse('source.path', path, 'an absolute path');
    const found = await stat(path).catch(() => null);
    if (!found) throw refuse('source.path', path, 'an archive or folder that is there');
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

function requireNotBundled({ id, name, bundled }: KnownDataset, not: string): void {
  if (!bundled) return;
  throw conflict(
    `${name} comes with Saliency Studio’s packages and is ${not}: check it with \`datasets verify ${id}\`.`,
  );
}
