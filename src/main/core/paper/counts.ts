import { type ExperimentMember } from '../../../shared/experiments';
import { type DatasetsService } from '../datasets/datasets-service';
import { type DatasetCut } from '../evaluation/report/cuts';
import { countsOfRun } from '../evaluation/run-counts';
import { type RunsRepository } from '../evaluation/runs-repository';

interface Parts {
  readonly runs: RunsRepository;
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
