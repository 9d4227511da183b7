import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type Claim, type MethodCurve, type RunResult } from '../../../shared/records';
import { type CurveScores } from '../../../statistics/curves';
import { type Paper } from './paper';

/** What one ROAR run knows. */
export interface RunEvidence {
  readonly settings: RoarSettings;
  readonly levels: RunResult['levels'];
  readonly curves: readonly MethodCurve[];
  readonly scores: CurveScores;
}

/** Judge the paper's claims by one run, in the order of `resources/paper/claims.json`. */
export declare function judgeClaims(paper: Paper, evidence: RunEvidence): Claim[];
