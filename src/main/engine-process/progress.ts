import { type EngineProgress } from '../../shared/engine';

/** At most ten a second; the last one of an operation always. */
const interval = 100;

export function throttled(
  send: (progress: EngineProgress) => void,
  now: () => number = () => performance.now(),
): (progress: EngineProgress) => void {
  let last = -Infinity;
  return (progress) => {
    const at = now();
    // Where it is not known how many there are, none is known to be the last.
    const ended = progress.total > 0 && progress.done >= progress.total;
    if (at - last < interval && !ended) return;
    last = at;
    send(progress);
  };
}
