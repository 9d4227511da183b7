import { randomMethodId } from '../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type Claim, type MethodCurve, type RunResult } from '../../../shared/records';
import { type CurveScores, summariseCurves } from '../../../statistics/curves';
import { judgeClaims } from '../paper/claims/statements';
import { type DatasetCut } from '../evaluation/report/cuts';
import { loadPaper } from '../paper/paper';

/** What the statistics of a run are made of: plain data, so that it can go to a worker thread. */
export interface StatisticsInput {
  readonly settings: RoarSettings;
  readonly levels: RunResult['levels'];
  readonly scores: CurveScores;
  readonly resamples: number;
  /** The installed `resources` folder to judge the paper's claims by; null: judge none. */
  readonly resources: string | null;
  /** What of its dataset there was; null: it is not known any more. */
  readonly counts: DatasetCut | null;
}

export interface Statistics {
  readonly curves: MethodCurve[];
  readonly claims: Claim[];
}

export function computeStatistics(input: StatisticsInput): Statistics {
  const { settings, levels, scores, resamples, resources, counts } = input;
  const randomIndex = scores.methods.findIndex(({ id }) => id === randomMethodId);
  const curves = summariseCurves({ ...scores, randomIndex, seed: settings.seed, resamples });
  if (resources === null) return { curves, claims: [] };
  return {
    curves,
    claims: judgeClaims(loadPaper(resources), { settings, levels, curves, scores, counts }),
  };
}
