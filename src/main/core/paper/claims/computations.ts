import { computation } from '../../computation/computation';
import { type RunEvidence } from '../../evaluation/run-evidence';
import { loadPaper } from '../paper';
import { type ExperimentEvidence } from './evidence';
import { judgeExperiment } from './judge-experiment';
import { judgeClaims } from './statements';

/** What claims are judged by: plain data, for a worker thread. */
interface ClaimsInput<Evidence> {
  readonly evidence: Evidence;
  /** The installed `resources` folder, which holds the claims. */
  readonly resources: string;
}

/** The paper's claims judged by one run. */
export const runClaims = computation(
  'run claims',
  ({ evidence, resources }: ClaimsInput<RunEvidence>) =>
    judgeClaims(loadPaper(resources), evidence),
);

/** The paper's claims judged by an experiment. */
export const experimentClaims = computation(
  'experiment claims',
  ({ evidence, resources }: ClaimsInput<ExperimentEvidence>) =>
    judgeExperiment(loadPaper(resources), evidence),
);
