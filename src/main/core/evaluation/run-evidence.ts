import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type MethodCurve, type RunResult } from '../../../shared/records';
import { type CurveScores } from '../../../statistics/curves';
import { type FullProtocol } from './full-protocol';
import { type DatasetCut } from './report/cuts';

/** What one ROAR run knows. */
export interface RunEvidence {
  readonly settings: RoarSettings;
  readonly levels: RunResult['levels'];
  readonly curves: readonly MethodCurve[];
  readonly scores: CurveScores;
  /** What it is held against. */
  readonly full: FullProtocol;
  /** What of the dataset was there; null: it is not known any more. Left out: the whole. */
  readonly counts?: DatasetCut | null;
}
