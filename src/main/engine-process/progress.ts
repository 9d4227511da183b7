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
    if (at - last < interval && progress.done < progress.total) return;
    last = at;
    send(progress);
  };
}
