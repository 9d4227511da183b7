import { canonicalJson } from '../../../shared/canonical';
import { conflict } from '../../../shared/errors';
import { type DatasetKey } from '../artifacts/keys';
import { type DatasetsService } from './datasets-service';

/**
 * Refuse to go on with another content of the dataset than what was begun with: half of each would
 * be neither's result.
 *
 * @param before null where it is not known, as of work from before it was kept
 */
export function requireSameDataset(
  datasets: Pick<DatasetsService, 'facts'>,
  what: string,
  before: DatasetKey | null,
  now: DatasetKey,
): void {
  if (!before || sameDataset(before, now)) return;
  throw conflict(
    `${what} was begun with another content of ${datasets.facts(now.dataset).name} than what is installed now, and cannot go on with this one: install what it was begun with, or start anew with the same settings.`,
  );
}

export function sameDataset(a: DatasetKey, b: DatasetKey): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
