import { parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../../shared/errors';
import { type StatisticsAnswer } from './statistics';
import { computeStatistics, type StatisticsInput } from './statistics-work';

/** The entry of the worker thread: what it is given is what `statisticsIn` sent. */
function answer(): StatisticsAnswer {
  try {
    return { statistics: computeStatistics(workerData as StatisticsInput) };
  } catch (error) {
    return { error: toErrorData(error) };
  }
}

parentPort?.postMessage(answer());
