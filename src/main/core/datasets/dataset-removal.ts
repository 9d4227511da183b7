import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type DatasetRecord } from '../../../shared/records';
import { type Events } from '../jobs/events';
import { type Scheduler } from '../jobs/scheduler';
import { type DatasetArchives } from './archives';
import { requireNotBundled } from './bundled';
import { type DatasetsService } from './datasets-service';
import { removeDataset } from './folders';
import { requireUnused } from './users';

interface Parts {
  readonly archives: DatasetArchives;
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly dataDir: string;
  readonly datasets: DatasetsService;
  readonly events: Events;
  /** Whether a model, run or study names a dataset. */
  readonly isNamed: (dataset: string) => boolean;
  readonly scheduler: Scheduler;
}

/** A dataset's files and what was downloaded of it; models and runs made with it stay. */
export async function removeInstalled(parts: Parts, dataset: string): Promise<DatasetRecord> {
  const { archives, catalogues, dataDir, datasets, events, isNamed, scheduler } = parts;
  const { name } = datasets.facts(dataset);
  const known = catalogues.datasets.find(dataset);
  if (known) requireNotBundled(known, 'not removed');
  requireUnused(scheduler, name, dataset);
  await removeDataset(dataDir, dataset);
  await archives.forget(dataset);
  const record = await datasets.removed(dataset, isNamed(dataset));
  events.emit({ type: 'dataset.changed', dataset });
  return record;
}
