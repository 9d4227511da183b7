import { type RunRecord } from '../../../shared/records';
import { type DatasetKey } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { sameDataset } from '../datasets/same-dataset';
import { type DatasetCut } from './report/cuts';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly runs: RunsRepository;
}

/**
 * Whether a run is on this content of its dataset. Runs of before datasets were told apart were on
 * the one that comes with the product.
 */
export function isOn(
  { runs }: Pick<Parts, 'runs'>,
  datasets: Pick<DatasetsService, 'isBundled'>,
  run: RunRecord,
  content: DatasetKey,
): boolean {
  const key = runs.datasetKey(run.id);
  if (key === null) return datasets.isBundled(run.settings.dataset) || run.state !== 'done';
  return sameDataset(key, content);
}

/**
 * What there was of its dataset when a run was made. Null: that content is not installed any more,
 * so that it is not known.
 */
export async function countsOfRun(
  parts: Pick<Parts, 'runs'>,
  datasets: DatasetsService,
  run: RunRecord,
): Promise<DatasetCut | null> {
  const { dataset } = run.settings;
  // It is always there, whole.
  if (datasets.isBundled(dataset)) return datasets.whole(dataset);
  const { state, train, validation, classes } = await datasets.record(dataset);
  if (state !== 'installed' || !isOn(parts, datasets, run, await datasets.key(dataset)))
    return null;
  return { train, validation, classes: classes.length };
}
