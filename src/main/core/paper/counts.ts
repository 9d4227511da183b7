import { type DatasetId } from '../../../shared/catalogue/datasets';
import { type ExperimentMember } from '../../../shared/experiments';
import { type DatasetsService } from '../datasets/datasets-service';
import { type DatasetCut } from '../evaluation/report/cuts';
import { countsOfRun } from '../evaluation/run-counts';
import { type RunsRepository } from '../evaluation/runs-repository';

interface Parts {
  readonly runs: RunsRepository;
}

/** What there is of each of these datasets that is installed. */
export async function installedCounts(
  datasets: DatasetsService,
  ids: Iterable<DatasetId>,
): Promise<ReadonlyMap<DatasetId, DatasetCut>> {
  const counts = new Map<DatasetId, DatasetCut>();
  for (const id of new Set(ids)) {
    const { state, train, validation, classes } = await datasets.record(id);
    if (state === 'installed') counts.set(id, { train, validation, classes: classes.length });
  }
  return counts;
}

/** What there was of its dataset, by run; null: it is another or gone, so that it is not known. */
export async function countsOfRuns(
  parts: Pick<Parts, 'runs'>,
  datasets: DatasetsService,
  members: readonly ExperimentMember[],
): Promise<ReadonlyMap<string, DatasetCut | null>> {
  const counts = new Map<string, DatasetCut | null>();
  for (const { run } of members) counts.set(run.id, await countsOfRun(parts, datasets, run));
  return counts;
}
