import { parentPort, workerData } from 'node:worker_threads';
import { computeStatistics, type StatisticsInput } from './statistics-work';

/** The entry of the worker thread: what it is given is what `StatisticsThread` sent. */
parentPort?.postMessage(computeStatistics(workerData as StatisticsInput));
