import { type ExperimentEvidence } from '../paper/claims/evidence';
import { judgeExperiment } from '../paper/claims/judge-experiment';
import { loadPaper } from '../paper/paper';
import { computeKappas, computeResults, type KappasInput } from '../analysis/compute-results';
import { type ComputedResults, type ResultsInput } from '../analysis/input';
import { type PairKappas } from '../analysis/rater-pairs';
import { type Claim } from '../../../shared/records';
import { computeStatistics, type Statistics, type StatisticsInput } from './statistics-work';

/** What the worker thread can compute: plain data in, plain data out. */
export interface Computations {
  /** The statistics of a ROAR run. */
  readonly run: { readonly input: StatisticsInput; readonly output: Statistics };
  /** The results of a study's ratings. */
  readonly results: { readonly input: ResultsInput; readonly output: ComputedResults };
  /** The kappas of a study's raters. */
  readonly kappas: { readonly input: KappasInput; readonly output: PairKappas[] };
  /** The paper's claims judged by an experiment. */
  readonly claims: { readonly input: ClaimsInput; readonly output: Claim[] };
}
export interface ClaimsInput {
  readonly evidence: ExperimentEvidence;
  /** The installed `resources` folder, which holds the claims. */
  readonly resources: string;
}
export type ComputationKind = keyof Computations;

const computations: {
  readonly [K in ComputationKind]: (input: Computations[K]['input']) => Computations[K]['output'];
} = {
  run: computeStatistics,
  results: computeResults,
  kappas: computeKappas,
  claims: ({ evidence, resources }) => judgeExperiment(loadPaper(resources), evidence),
};

export function compute<K extends ComputationKind>(
  kind: K,
  input: Computations[K]['input'],
): Computations[K]['output'] {
  return computations[kind](input);
}
