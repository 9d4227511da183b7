import { computeResults } from '../results/compute-results';
import { type ComputedResults, type ResultsInput } from '../results/input';
import { computeStatistics, type Statistics, type StatisticsInput } from './statistics-work';

/** What the worker thread can compute: plain data in, plain data out. */
export interface Computations {
  /** The statistics of a ROAR run. */
  readonly run: { readonly input: StatisticsInput; readonly output: Statistics };
  /** The results of a study's ratings. */
  readonly results: { readonly input: ResultsInput; readonly output: ComputedResults };
}
export type ComputationKind = keyof Computations;

/** What is sent to the thread. */
export type ComputationOrder = {
  readonly [K in ComputationKind]: { readonly kind: K; readonly input: Computations[K]['input'] };
}[ComputationKind];

const computations: {
  readonly [K in ComputationKind]: (input: Computations[K]['input']) => Computations[K]['output'];
} = { run: computeStatistics, results: computeResults };

export function compute<K extends ComputationKind>(
  kind: K,
  input: Computations[K]['input'],
): Computations[K]['output'] {
  return computations[kind](input);
}
