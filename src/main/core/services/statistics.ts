import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type ErrorData, StudioError } from '../../../shared/errors';
import { computeStatistics, type Statistics, type StatisticsInput } from './statistics-work';

/** What the thread sends: an error is data, as on every wire. */
export type StatisticsAnswer = { readonly statistics: Statistics } | { readonly error: ErrorData };

/**
 * The built entry of the thread beside the built module at `from`, of the same build; null where
 * the sources run themselves.
 */
export function statisticsEntry(from: string = import.meta.url): string | null {
  const candidates = ['./statistics.js', '../statistics.js'].map((path) => new URL(path, from));
  return candidates.map((url) => fileURLToPath(url)).find((path) => existsSync(path)) ?? null;
}

/**
 * Compute the statistics of a run in a worker thread, so that the shell stays awake; here, where
 * there is no built one. The signal ends the thread, which rejects.
 */
export async function statisticsIn(
  entry: string | null,
  input: StatisticsInput,
  signal?: AbortSignal,
): Promise<Statistics> {
  signal?.throwIfAborted();
  if (entry === null) return computeStatistics(input);
  const worker = new Worker(entry, { workerData: input });
  const end = () => void worker.terminate();
  signal?.addEventListener('abort', end, { once: true });
  try {
    const answer = await new Promise<StatisticsAnswer>((resolve, reject) => {
      worker.once('message', (message: StatisticsAnswer) => resolve(message));
      worker.once('error', reject);
      worker.once('exit', (code) =>
        reject(new Error(`The statistics thread ended with code ${code} and no answer.`)),
      );
    });
    if ('error' in answer) throw new StudioError(answer.error);
    return answer.statistics;
  } finally {
    signal?.removeEventListener('abort', end);
    await worker.terminate();
  }
}
