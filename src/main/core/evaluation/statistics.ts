import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { randomMethodId } from '../../../shared/catalogue/methods';
import { type RunResult } from '../../../shared/records';
import { type CurveScores, summariseCurves } from '../../../statistics/curves';
import { summariseValues } from '../../../statistics/values';
import { computation } from '../computation/computation';

/** What the results of a run over images are made of: plain data, so that it can go to a thread. */
export interface StatisticsInput {
  readonly metric: Pick<MetricDescriptor, 'better' | 'result'>;
  readonly scores: CurveScores;
  readonly seed: number;
  readonly resamples: number;
}

export type Summaries = Pick<RunResult, 'curves' | 'values'>;

export function summarise({ metric, scores, seed, resamples }: StatisticsInput): Summaries {
  const { methods } = scores;
  const randomIndex = methods.findIndex(({ id }) => id === randomMethodId);
  const options = { randomIndex, better: metric.better, seed, resamples };
  if (metric.result === 'curve') return { curves: summariseCurves({ ...scores, ...options }) };
  return { curves: [], values: summariseValues({ methods, values: scores.scores, ...options }) };
}

/** The statistics of a run over images. */
export const runStatistics = computation('run statistics', summarise);
