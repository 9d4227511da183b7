import { type WorkersForecast } from '../../../shared/records';
import { type OpenChain, simulate } from './simulate';

/**
 * Rates of the workers that a job would have that began now, one for each item at once, in seconds of
 * this machine's work a second; null: this machine does it alone.
 */
export type WorkerRates = () => readonly number[] | null;

/** Seconds until chains are done, and by how many workers. Where none is there: on this machine. */
export function forecastByWorkers(
  chains: readonly OpenChain[],
  rates: readonly number[] | null,
): { readonly seconds: number; readonly workers: WorkersForecast | null } {
  const { seconds, idle, limit } = simulate(chains, rates?.length ? rates : [1]);
  return { seconds, workers: rates && { count: rates.length, idle, limit } };
}
