import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type ErrorData, StudioError } from '../../../shared/errors';
import { type Claim } from '../../../shared/records';
import { type KappasInput } from '../analysis/compute-results';
import { type ComputedResults, type ResultsInput } from '../analysis/input';
import { type PairKappas } from '../analysis/rater-pairs';
import { type ClaimsInput, compute, type ComputationKind, type Computations } from './computations';
import { type Statistics, type StatisticsInput } from './statistics-work';
import { packed } from './thread-input';

/** What the thread is given: the input as it was packed for the way. */
export interface ThreadOrder {
  readonly kind: ComputationKind;
  readonly sent: unknown;
}

/** What the thread sends: an error is data, as on every wire. */
export type ThreadAnswer<K extends ComputationKind> =
  { readonly output: Computations[K]['output'] } | { readonly error: ErrorData };

/**
 * The built entry of the thread beside the built module at `from`, of the same build; null where
 * the sources run themselves.
 */
export function statisticsEntry(from: string = import.meta.url): string | null {
  const candidates = ['./statistics.js', '../statistics.js'].map((path) => new URL(path, from));
  return candidates.map((url) => fileURLToPath(url)).find((path) => existsSync(path)) ?? null;
}

/** The statistics of a ROAR run, in a worker thread where there is a built one. */
export function statisticsIn(
  entry: string | null,
  input: StatisticsInput,
  signal?: AbortSignal,
): Promise<Statistics> {
  return computeIn(entry, 'run', input, signal);
}

/** The results of a study's ratings, likewise. */
export function resultsIn(
  entry: string | null,
  input: ResultsInput,
  signal?: AbortSignal,
): Promise<ComputedResults> {
  return computeIn(entry, 'results', input, signal);
}

/** The kappas of a study's raters, likewise. */
export function kappasIn(
  entry: string | null,
  input: KappasInput,
  signal?: AbortSignal,
): Promise<PairKappas[]> {
  return computeIn(entry, 'kappas', input, signal);
}

/** The paper's claims judged by an experiment, likewise. */
export function claimsIn(
  entry: string | null,
  input: ClaimsInput,
  signal?: AbortSignal,
): Promise<Claim[]> {
  return computeIn(entry, 'claims', input, signal);
}

/** What the thread throws away at once is small: more room for it would only be memory held. */
const resourceLimits = { maxYoungGenerationSizeMb: 24 };

/**
 * Compute in a worker thread, so that the shell stays awake; here, where there is no built one. The
 * signal ends the thread, which rejects.
 */
async function computeIn<K extends ComputationKind>(
  entry: string | null,
  kind: K,
  input: Computations[K]['input'],
  signal?: AbortSignal,
): Promise<Computations[K]['output']> {
  signal?.throwIfAborted();
  if (entry === null) return compute(kind, input);
  const order: ThreadOrder = { kind, sent: packed(kind, input) };
  const worker = new Worker(entry, { workerData: order, resourceLimits });
  const end = () => void worker.terminate();
  signal?.addEventListener('abort', end, { once: true });
  try {
    const answer = await new Promise<ThreadAnswer<K>>((resolve, reject) => {
      worker.once('message', (message: ThreadAnswer<K>) => resolve(message));
      worker.once('error', reject);
      worker.once('exit', (code) =>
        reject(new Error(`The statistics thread ended with code ${code} and no answer.`)),
      );
    });
    if ('error' in answer) throw new StudioError(answer.error);
    return answer.output;
  } finally {
    signal?.removeEventListener('abort', end);
    await worker.terminate();
  }
}
