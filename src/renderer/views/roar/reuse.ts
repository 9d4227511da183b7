import { type Job } from '../../../shared/jobs';
import { type RunResult } from '../../../shared/records';

/** What a run did not have to compute, in words; null where it computed everything. */
export function reusedText(levels: RunResult['levels'], job: Job | null): string | null {
  const models = levels.filter(({ reused }) => reused).length;
  const maps = job?.stages.find(({ id }) => id === 'maps');
  const parts = [
    ...(models > 0 ? [`${models} of ${levels.length} models`] : []),
    // Maps are made in parts of a few hundred images of one method.
    ...(maps && maps.reused > 0 ? [`${maps.reused} of ${maps.items} parts of the maps`] : []),
  ];
  if (parts.length === 0) return null;
  return `${parts.join(' and ')} were already computed with the same inputs and are reused`;
}
