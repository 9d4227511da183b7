import { type Job } from '../../../shared/jobs';
import { type RunResult } from '../../../shared/records';

/** What a run did not have to compute, in words; null where it computed everything. */
export function reusedText(levels: RunResult['levels'], job: Job | null): string | null {
  const models = levels.filter(({ reused }) => reused).length;
  const stage = (wanted: string) => job?.stages.find(({ id }) => id === wanted);
  const [maps, orders] = [stage('maps'), stage('orders')];
  const trained = orders ? 'the base model' : `${models} of ${levels.length} models`;
  const parts = [
    ...(models > 0 ? [trained] : []),
    // Both are made in parts of a few hundred images of one method.
    ...(maps && maps.reused > 0 ? [`${maps.reused} of ${maps.items} parts of the maps`] : []),
    ...(orders && orders.reused > 0
      ? [`${orders.reused} of ${orders.items} parts of the ranked pixels`]
      : []),
  ];
  if (parts.length === 0) return null;
  const one = parts.length === 1 && parts[0] === 'the base model';
  const text = `${parts.join(' and ')} ${one ? 'was' : 'were'} already computed with the same inputs and ${one ? 'is' : 'are'} reused`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
