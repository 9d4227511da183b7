import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { type Job } from '../../../shared/jobs';
import { type RunResult } from '../../../shared/records';

/** What a run did not have to compute, in words; null where it computed everything. */
export function reusedText(
  { needs, reusable }: Pick<MetricDescriptor, 'needs' | 'reusable'>,
  levels: RunResult['levels'],
  job: Job | null,
): string | null {
  const models = levels.filter(({ reused }) => reused).length;
  const trained = needs.includes('level-models')
    ? `${models} of ${levels.length} models`
    : 'the base model';
  const parts = [
    ...(models > 0 ? [trained] : []),
    ...reusable.flatMap(({ stage, what }) => {
      const found = job?.stages.find(({ id }) => id === stage);
      return found && found.reused > 0 ? [`${found.reused} of ${found.items} ${what}`] : [];
    }),
  ];
  if (parts.length === 0) return null;
  const one = parts.length === 1 && parts[0] === 'the base model';
  const text = `${parts.join(' and ')} ${one ? 'was' : 'were'} already computed with the same inputs and ${one ? 'is' : 'are'} reused`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
