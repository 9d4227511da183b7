import { parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../../shared/errors';
import { compute, type ComputationKind, type ComputationOrder } from './computations';
import { type ThreadAnswer } from './statistics';

/** The entry of the worker thread: what it is given is what `computeIn` sent. */
function answer(): ThreadAnswer<ComputationKind> {
  try {
    const { kind, input } = workerData as ComputationOrder;
    return { output: compute(kind, input) };
  } catch (error) {
    return { error: toErrorData(error) };
  }
}

parentPort?.postMessage(answer());
