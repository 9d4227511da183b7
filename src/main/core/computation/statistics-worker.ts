import { parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../../shared/errors';
import { compute, type ComputationKind } from './computations';
import { type ThreadAnswer, type ThreadOrder } from './statistics';
import { unpacked } from './thread-input';

/** The entry of the worker thread: what it is given is what `computeIn` sent. */
function answer(): ThreadAnswer<ComputationKind> {
  try {
    const { kind, sent } = workerData as ThreadOrder;
    return { output: compute(kind, unpacked(kind, sent)) };
  } catch (error) {
    return { error: toErrorData(error) };
  }
}

parentPort?.postMessage(answer());
