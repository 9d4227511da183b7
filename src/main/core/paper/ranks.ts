import { type ExperimentResult } from '../../../shared/experiments';
import { type RunResult } from '../../../shared/records';
import { correlate, curveOf, methodsOf } from './outputs/tables';

/** How the ranks of methods move over members; null where a member is not done. */
export function rankMoves(
  results: readonly RunResult[],
): Pick<ExperimentResult, 'ranks' | 'spearman'> {
  const done = results.map((result) => (result.run.state === 'done' ? result.curves : []));
  const first = done[0] ?? [];
  return {
    ranks: methodsOf(done).map(({ id, name }) => {
      const curves = done.map((own) => curveOf(own, id));
      return {
        method: id,
        name,
        ranks: curves.map((curve) => curve?.rank ?? null),
        advantages: curves.map((curve) => curve?.advantage ?? null),
      };
    }),
    spearman: done.map((curves) => correlate(first, curves)),
  };
}
