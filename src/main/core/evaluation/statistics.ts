import { randomMethodId } from '../../../shared/catalogue/methods';
import { type MethodCurve } from '../../../shared/records';
import { type CurveScores, summariseCurves } from '../../../statistics/curves';
import { computation } from '../computation/computation';

/** What the curves of a run are made of: plain data, so that it can go to a worker thread. */
export interface StatisticsInput {
  readonly scores: CurveScores;
  readonly seed: number;
  readonly resamples: number;
}

export function computeCurves({ scores, seed, resamples }: StatisticsInput): MethodCurve[] {
  const randomIndex = scores.methods.findIndex(({ id }) => id === randomMethodId);
  return summariseCurves({ ...scores, randomIndex, seed, resamples });
}

/** The statistics of a ROAR run. */
export const runStatistics = computation('run statistics', computeCurves);
