import { parentPort, workerData } from 'node:worker_threads';
import { raterKappas, studyResults } from './analysis/computations';
import { answerTo, type ThreadTask } from './computation/thread';
import { runStatistics } from './evaluation/statistics';
import { experimentClaims, runClaims } from './paper/claims/computations';

/** The worker thread: all that rooms have computed there. */
parentPort?.postMessage(
  answerTo(workerData as ThreadTask, [
    runStatistics,
    runClaims,
    studyResults,
    raterKappas,
    experimentClaims,
  ]),
);
