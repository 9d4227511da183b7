// @vitest-environment happy-dom
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { telemetrySchema } from '../../src/shared/ratings/rating-routes';
import { createAttention, inputOf, momentOf } from '../../src/renderer/rating/walk/attention';
import { createLook } from '../../src/renderer/rating/walk/look';
import { fitZoom, zoomIn, zoomOut } from '../../src/renderer/rating/zoom';
import { timeLeft } from '../../src/renderer/rating/time-left';

let clock = 0;
let focus = true;
beforeEach(() => {
  clock = 0;
  focus = true;
});

function attentive() {
  const targets = { window: new EventTarget(), document: new EventTarget() };
  const attention = createAttention({
    now: () => clock,
    timeOrigin: 1_000_000,
    window: targets.window,
    document: Object.assign(targets.document, {
      hasFocus: () => focus,
      visibilityState: 'visible' as const,
    }),
  });
  const at = (time: number, event?: 'blur' | 'focus') => {
    clock = time;
    if (event) targets.window.dispatchEvent(new Event(event));
  };
  return { attention, at };
}

describe('what is recorded with a label', () => {
  it('counts time from the paint of the map with its question', () => {
    const { attention, at } = attentive();
    at(100);
    attention.begin();
    attention.painted(130);
    at(1530);
    const taken = attention.take({ at: 1530, input: 'keyboard', zoom: 14 });
    expect(taken).toEqual({
      responseMs: 1400,
      monotonicMs: 1_001_530,
      focusLosses: 0,
      unfocusedMs: 0,
      zoomChanges: 0,
      zoom: 14,
      overlayUses: 0,
      input: 'keyboard',
    });
  });

  it('counts how often and how long the window was left, since the paint alone', () => {
    const { attention, at } = attentive();
    at(10, 'blur');
    at(50);
    attention.begin();
    attention.painted(60);
    at(80, 'focus');
    at(200, 'blur');
    at(260, 'focus');
    at(300, 'blur');
    at(310);
    const taken = attention.take({ at: 310, input: 'mouse', zoom: 1 });
    expect(taken).toMatchObject({ focusLosses: 2, unfocusedMs: 30 + 60 + 10 });
    attention.begin();
    at(320, 'focus');
    expect(attention.take({ at: 320, input: 'mouse', zoom: 1 })).toMatchObject({
      focusLosses: 0,
      unfocusedMs: 10,
    });
  });

  it('is always what the contract accepts', () => {
    const step = fc.record({
      wait: fc.double({ min: 0, max: 1e9, noNaN: true }),
      what: fc.constantFrom('blur', 'focus', 'begin', 'painted', 'zoom', 'overlay'),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        clock = 0;
        const { attention, at } = attentive();
        for (const { wait, what } of steps) {
          at(clock + wait, what === 'blur' || what === 'focus' ? what : undefined);
          if (what === 'begin') attention.begin();
          if (what === 'painted') attention.painted(clock);
          if (what === 'zoom') attention.zoomed();
          if (what === 'overlay') attention.overlaid();
        }
        telemetrySchema.parse(attention.take({ at: clock, input: 'touch', zoom: 3 }));
      }),
    );
  });

  it('knows a key, a finger, a mouse and an assistive tool apart', () => {
    const click = (pointerType: string, detail: number) =>
      Object.assign(new Event('click'), { pointerType, detail });
    expect(inputOf(new KeyboardEvent('keydown', { key: '1' }))).toBe('keyboard');
    expect(inputOf(click('touch', 1))).toBe('touch');
    expect(inputOf(click('pen', 1))).toBe('pen');
    expect(inputOf(click('mouse', 1))).toBe('mouse');
    expect(inputOf(click('', 0))).toBe('keyboard');
    expect(inputOf(click('', 1))).toBe('other');
  });

  it('takes the moment that the event itself names', () => {
    const event = (timeStamp: number) => ({ timeStamp }) as Event;
    expect(momentOf(event(40), 50)).toBe(40);
    expect(momentOf(event(0), 50)).toBe(50);
    expect(momentOf(event(1.7e12), 50)).toBe(50);
  });
});

describe('zoom', () => {
  it('fits a picture into its frame with whole screen pixels', () => {
    expect(fitZoom([28, 28], { width: 420, height: 500 })).toBe(15);
    expect(fitZoom([64, 64], { width: 40, height: 48 })).toBe(0.625);
    expect(fitZoom([2, 4], { width: 40, height: 8 })).toBe(4);
  });

  it('steps up and back down through the same zooms, and ends at both ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), (zoom) => {
        expect(zoomIn(zoom)).toBeGreaterThanOrEqual(zoom);
        expect(zoomOut(zoom)).toBeLessThanOrEqual(zoom);
        if (zoomIn(zoom) > zoom && zoomOut(zoom) < zoom) {
          expect(zoomOut(zoomIn(zoomOut(zoom)))).toBe(zoomOut(zoom));
        }
      }),
    );
    expect([zoomIn(64), zoomOut(1)]).toEqual([64, 1]);
  });

  it('counts changes, not presses that change nothing', () => {
    const { attention } = attentive();
    const look = createLook(attention);
    look.showsAt(14);
    look.fit();
    look.zoomIn();
    look.showsAt(look.chosen.value ?? 0);
    look.fit();
    expect(attention.take({ at: 0, input: 'keyboard', zoom: 14 }).zoomChanges).toBe(2);
  });
});

describe('the overlay', () => {
  const looked = () => {
    const { attention } = attentive();
    const look = createLook(attention);
    return { look, uses: () => attention.take({ at: 0, input: 'keyboard', zoom: 1 }).overlayUses };
  };

  it('lasts as long as its key is held', () => {
    const { look, uses } = looked();
    look.press(0);
    look.press(40);
    expect(look.overlay.value).toBe(true);
    look.release(900);
    expect(look.overlay.value).toBe(false);
    expect(uses()).toBe(1);
  });

  it('is switched by a short press, and gone with the next map', () => {
    const { look, uses } = looked();
    look.press(0);
    look.release(100);
    expect(look.overlay.value).toBe(true);
    look.press(500);
    look.release(600);
    expect(look.overlay.value).toBe(false);
    look.toggle();
    look.reset();
    expect(look.overlay.value).toBe(false);
    expect(uses()).toBe(2);
  });
});

it('says the time left in words that do not jump about', () => {
  expect([null, 20, 61, 1500, 5 * 3600].map(timeLeft)).toEqual([
    null,
    'under a minute left',
    'about 1 min left',
    'about 25 min left',
    'about 5 h left',
  ]);
});
