import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { canonicalJson } from '../../../shared/canonical';
import { datasetEntry, type DatasetId } from '../../../shared/catalogue/datasets';
import { refuse, StudioError } from '../../../shared/errors';
import { type Job } from '../../../shared/jobs';
import { type DatasetRecord } from '../../../shared/records';
import { installJobSchema, type RouteParsed } from '../../../shared/routes';
import { removeDataset } from './folders';
import { forgetArchives, type InstallInput, sentArchives, sourceOf } from './sources';
import { requireUnused } from './users';
import { datasetStages } from './dataset-job';
import { type Scheduler } from '../jobs/scheduler';
import { conflict, type Core, now } from '../core';
import { bundled, type DatasetsService } from './datasets-service';

/** Installing datasets, as jobs, and removing them. */
export class DatasetInstalls {
  readonly #core: Core;
  readonly #datasets: DatasetsService;
  readonly #scheduler: Scheduler;

  constructor(core: Core, datasets: DatasetsService, scheduler: Scheduler) {
    this.#core = core;
    this.#datasets = datasets;
    this.#scheduler = scheduler;
  }

  /** A job of its own; one that stopped with the same input is taken up where it stands. */
  async install(asked: RouteParsed<'datasets.install'>): Promise<{ job: Job }> {
    const { dataset } = asked;
    const { jobs } = this.#core;
    const { name } = datasetEntry(dataset);
    requireNotBundled(dataset, 'not installed');
    requireUnused(this.#core, name, dataset);
    const input: InstallInput = { ...asked, source: await this.#sourceOf(asked) };
    const { source } = input;
    await this.#requireSource(input);
    // Another one may have begun meanwhile.
    requireUnused(this.#core, name, dataset);
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
    const id = this.#core.newId('job');
    const how = { download: 'Install', package: 'Install', path: 'Import' }[source.kind];
    jobs.insert({
      ...{ id, kind: 'dataset', title: `${how} ${name}`, subject: dataset, input },
      stages: datasetStages(this.#core, input).map((stage) => ({
        id: stage.id,
        title: stage.title,
        items: stage.items.length,
      })),
      createdAt: now(this.#core),
    });
    return { job: this.#scheduler.enqueued(id) };
  }

  /** Its files and what was downloaded of it; models and runs made with it stay. */
  async remove(dataset: DatasetId): Promise<DatasetRecord> {
    requireNotBundled(dataset, 'not removed');
    requireUnused(this.#core, datasetEntry(dataset).name, dataset);
    await removeDataset(this.#core.dataDir, dataset);
    await forgetArchives(this.#core, dataset);
    this.#datasets.forget(dataset);
    this.#core.events.emit({ type: 'dataset.changed', dataset });
    return this.#datasets.record(dataset);
  }

  /** An archive that was sent becomes one that lies here: the job may go on after a restart. */
  async #sourceOf({ dataset, source }: RouteParsed<'datasets.install'>) {
    if (source.kind !== 'upload') return source;
    const folder = sentArchives(this.#core, dataset);
    return { kind: 'path' as const, path: await this.#core.uploads.keep(source.upload, folder) };
  }

  async #requireSource({ dataset, source }: InstallInput): Promise<void> {
    if (source.kind !== 'path') {
      const { bytes } = sourceOf(this.#core, dataset, source.kind);
      await this.#requireSpace(dataset, bytes);
      return;
    }
    const { path } = source;
    if (!isAbsolute(path)) throw refuse('source.path', path, 'an absolute path');
    const found = await stat(path).catch(() => null);
    if (!found) throw refuse('source.path', path, 'an archive or folder that is there');
  }

  /** The archive and its images side by side; what a subset saves is not counted. */
  async #requireSpace(dataset: DatasetId, archive: number): Promise<void> {
    const { shape, train, validation, name } = datasetEntry(dataset);
    const needed = archive + shape[0] * shape[1] * shape[2] * (train + validation);
    const free = await this.#core.artifacts.freeBytes();
    if (free >= needed) return;
    const size = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
    throw new StudioError({
      code: 'disk-full',
      message: `Installing ${name} takes ${size(needed)}, and the disk that holds ${this.#core.dataDir} has ${size(free)} left: free some space first.`,
      details: { needed: String(needed), free: String(free) },
    });
  }
}

function requireNotBundled(dataset: DatasetId, not: string): void {
  if (!bundled(dataset)) return;
  const { name } = datasetEntry(dataset);
  throw conflict(
    `${name} comes with Saliency Studio’s packages and is ${not}: check it with \`datasets verify ${dataset}\`.`,
  );
}
