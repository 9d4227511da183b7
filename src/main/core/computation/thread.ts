import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type ErrorData, StudioError, toErrorData } from '../../../shared/errors';
import { type Computation } from './computation';

/** What the thread is given: the input, packed. */
export interface ThreadTask {
  readonly id: string;
  readonly sent: unknown;
}

/** What the thread sends: an error is data, as on every wire. */
export type ThreadAnswer = { readonly output: unknown } | { readonly error: ErrorData };

/**
 * The built entry of the thread beside the built module at `from`, of the same build; null where
 * the sources run themselves.
 */
export function threadEntry(from: string = import.meta.url): string | null {
  const candidates = ['./thread.js', '../thread.js'].map((path) => new URL(path, from));
  return candidates.map((url) => fileURLToPath(url)).find((path) => existsSync(path)) ?? null;
}

/** What the thread throws away at once is small: more room for it would only be memory held. */
const resourceLimits = { maxYoungGenerationSizeMb: 24 };

/**
 * Compute in a worker thread, so that the shell stays awake; here, where there is no built one. The
 * signal ends the thread, which rejects.
 */
export async function computeIn<Input, Output>(
  entry: string | null,
  { id, compute, pack }: Computation<Input, Output>,
  input: Input,
  signal?: AbortSignal,
): Promise<Output> {
  signal?.throwIfAborted();
  if (entry === null) return compute(input);
  const task: ThreadTask = { id, sent: pack(input) };
  const worker = new Worker(entry, { workerData: task, resourceLimits });
  const end = () => void worker.terminate();
  signal?.addEventListener('abort', end, { once: true });
  try {
    const answer = await new Promise<ThreadAnswer>((resolve, reject) => {
      worker.once('message', (message: ThreadAnswer) => resolve(message));
      worker.once('error', reject);
      worker.once('exit', (code) =>
        reject(new Error(`The thread that computes ended with code ${code} and no answer.`)),
      );
    });
    if ('error' in answer) throw new StudioError(answer.error);
    return answer.output as Output;
  } finally {
    signal?.removeEventListener('abort', end);
    await worker.terminate();
  }
}

/** In the thread: the task by whichever of the computations it names. */
export function answerTo(
  { id, sent }: ThreadTask,
  computations: readonly Pick<Computation<never, unknown>, 'id' | 'answer'>[],
): ThreadAnswer {
  try {
    const found = computations.find((known) => known.id === id);
    if (!found) throw new RangeError(`no computation ${id}`);
    return { output: found.answer(sent) };
  } catch (error) {
    return { error: toErrorData(error) };
  }
}
