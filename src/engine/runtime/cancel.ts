import { StudioError } from '../../shared/errors';

/** Throw `cancelled` when the signal asks for it. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new StudioError({ code: 'cancelled', message: 'The operation was cancelled.' });
  }
}

/**
 * Let the event loop run, then throw where it brought a cancel. Called between two batches, because
 * a TensorFlow call blocks the loop.
 */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  throwIfCancelled(signal);
}
