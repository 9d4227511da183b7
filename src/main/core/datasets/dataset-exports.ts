import { conflict, notFound } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type Job } from '../../../shared/jobs';
import { type Scheduler } from '../jobs/scheduler';
import { type DatasetsService } from './datasets-service';
import { exportStages } from './export-job';

interface Parts {
  readonly datasets: DatasetsService;
  readonly made: ReadonlyMap<string, ExportFile>;
  readonly scheduler: Scheduler;
}

/** Archives of datasets, each made by a job and fetched once. */
export class DatasetExports {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Refuses what is not here, or cannot be read. */
  async start(dataset: string): Promise<{ job: Job }> {
    const { datasets, scheduler } = this.#parts;
    const { name } = await datasets.counts(dataset);
    const stages = exportStages.map(({ id, title, items }) => ({ id, title, items: items.length }));
    const title = `Export ${name}`;
    return {
      job: scheduler.start({ kind: 'export', title, subject: dataset, input: { dataset }, stages }),
    };
  }

  /** The archive of a job that is done, until it is fetched. */
  fileOf(id: string): ExportFile {
    const { made, scheduler } = this.#parts;
    const file = made.get(id);
    if (file) return file;
    const { kind, state, title } = scheduler.get(id);
    if (kind !== 'export') throw notFound('export', id);
    throw conflict(
      state === 'done'
        ? `What came of “${title}” was kept until the application ended: export it again.`
        : `“${title}” is ${state}: its archive is there once it is done.`,
    );
  }
}
