import { StudioError } from '../../shared/errors';

/** Throw `cancelled` when the signal asks for it. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new StudioError({ code: 'cancelled', message: 'The operation was cancelled.' });
  }
}

/** What a host wants done between two batches of the operation that a signal belongs to. */
const pauses = new WeakMap<AbortSignal, () => Promise<void>>();

/** Have `pause` awaited at each of the operation's pauses: where a host answers other requests. */
export function pauseWith(signal: AbortSignal, pause: () => Promise<void>): void {
  pauses.set(signal, pause);
}

/**
 * Let the event loop run, then throw where it brought a cancel. Called between two batches, because
 * a TensorFlow call blocks the loop.
 */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  const pause = signal && pauses.get(signal);
  if (pause) await pause();
  throwIfCancelled(signal);
}
