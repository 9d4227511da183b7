import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { computeStatistics, type Statistics, type StatisticsInput } from './statistics-work';

/**
 * Compute the statistics of a run in a worker thread, so that the shell stays awake; here, where
 * the thread's built entry is not there (a source tree before its first build).
 *
 * @param entry path of the built entry
 */
export async function statisticsIn(entry: string, input: StatisticsInput): Promise<Statistics> {
  if (!existsSync(entry)) return computeStatistics(input);
  const worker = new Worker(entry, { workerData: input });
  try {
    return await new Promise<Statistics>((resolve, reject) => {
      worker.once('message', (answer: Statistics) => resolve(answer));
      worker.once('error', reject);
      worker.once('exit', (code) =>
        reject(new Error(`The statistics thread ended with code ${code} and no answer.`)),
      );
    });
  } finally {
    await worker.terminate();
  }
}
