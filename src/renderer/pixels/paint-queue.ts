/** Milliseconds of a frame that painting may take: what is left waits for the next one. */
const budget = 6;

const waiting = new Map<HTMLCanvasElement, () => void>();
let spent = 0;
let scheduled = false;

function run(paint: () => void): void {
  const began = performance.now();
  paint();
  spent += performance.now() - began;
}

function frame(): void {
  scheduled = false;
  spent = 0;
  try {
    for (const [canvas, paint] of waiting) {
      if (spent >= budget) break;
      waiting.delete(canvas);
      run(paint);
    }
  } finally {
    // One that fails keeps no other from being painted.
    if (spent > 0 || waiting.size > 0) schedule();
  }
}

/** Also after the last one: a new frame has its own budget. */
function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(frame);
}

/**
 * Paint a canvas: now while this frame has time for it, else in one of the next, so that hundreds of
 * pictures never hold the page up. A newer painting of the canvas takes the place of an older one.
 */
export function paintSoon(canvas: HTMLCanvasElement, paint: () => void): void {
  schedule();
  waiting.delete(canvas);
  if (spent < budget && waiting.size === 0) run(paint);
  else waiting.set(canvas, paint);
}

/** Of a canvas that leaves the page. */
export function forgetPaint(canvas: HTMLCanvasElement): void {
  waiting.delete(canvas);
}
