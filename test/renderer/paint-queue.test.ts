// @vitest-environment happy-dom
import { beforeEach, afterEach, describe, expect, it, vi } from 'vitest';
import { forgetPaint, paintSoon } from '../../src/renderer/pixels/paint-queue';

const canvas = () => document.createElement('canvas');
let clock = 0;
let frames: (() => void)[] = [];
const frame = () => {
  const due = frames;
  frames = [];
  for (const each of due) each();
};
const painted: string[] = [];
/** Paints that take so many milliseconds. */
const takes = (name: string, ms: number) => () => {
  painted.push(name);
  clock += ms;
};

describe('painting', () => {
  beforeEach(() => {
    painted.length = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
  });
  afterEach(() => {
    while (frames.length > 0) frame();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it('is done at once while the frame has time, and in the next frames after that, in order', () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) paintSoon(canvas(), takes(name, 4));
    expect(painted).toEqual(['a', 'b']);
    frame();
    expect(painted).toEqual(['a', 'b', 'c', 'd']);
    frame();
    expect(painted).toEqual(['a', 'b', 'c', 'd', 'e']);
    frame();
    expect(frames).toEqual([]);
    paintSoon(canvas(), takes('f', 1));
    expect(painted.at(-1)).toBe('f');
  });

  it('of one canvas is done once, as it was asked for last; of one that left, never', () => {
    paintSoon(canvas(), takes('long', 20));
    const [one, other] = [canvas(), canvas()];
    paintSoon(one, takes('older', 1));
    paintSoon(other, takes('gone', 1));
    paintSoon(one, takes('newer', 1));
    forgetPaint(other);
    frame();
    expect(painted).toEqual(['long', 'newer']);
  });

  it('that takes longer than a frame holds up no more than one', () => {
    for (const name of ['a', 'b', 'c']) paintSoon(canvas(), takes(name, 50));
    expect(painted).toEqual(['a']);
    frame();
    expect(painted).toEqual(['a', 'b']);
  });
});
