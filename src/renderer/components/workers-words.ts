import { type WorkersForecast } from '../../shared/records';
import { limitNames } from '../../shared/simulation';
import { counted, formatPercent } from '../format';

/** After a time that a job takes: by whom. */
export function byWorkers({ count }: WorkersForecast): string {
  return count === 0 ? 'on this machine (no worker is there)' : `by ${counted(count, 'worker')}`;
}

/** Why more workers would not end it sooner; null: they would. */
export function limitSentence({ count, idle, limit }: WorkersForecast): string | null {
  if (count === 0 || limit === 'work') return null;
  return `${formatPercent(idle, 0)} of the workers’ time is idle: limited by ${limitNames[limit]}.`;
}
