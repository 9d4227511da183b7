import { type Machines } from '../../../shared/machines';
import { type WorkerRates } from '../jobs/workers-forecast';
import { ownJoin } from './own-join';

/**
 * Rates of the workers that a job would have that began now: those of this machine's class that take
 * work, and this machine where it works beside them. One whose rate is not known counts as this machine.
 */
export function workerRates(machines: Machines): ReturnType<WorkerRates> {
  const { queue, workplace, workers } = machines;
  if (!queue || workplace === 'here') return null;
  const able = workers.filter(
    ({ difference, problem, state, join }) =>
      // While a job runs here, this machine is among them.
      difference === null && problem === null && state !== 'draining' && join !== ownJoin,
  );
  const rates = able.flatMap(({ slots, rate }) => Array.from({ length: slots }, () => rate ?? 1));
  return workplace === 'both' ? [1, ...rates] : rates;
}
