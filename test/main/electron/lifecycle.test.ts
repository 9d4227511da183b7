import { describe, expect, test, vi } from 'vitest';
import { silentLog } from '../../../src/main/core/app';
import { claimSingleInstance, manageLifecycle } from '../../../src/main/electron/lifecycle';
import { preventable, standInApp, standInDialog, StandInWindow } from './stand-in';

function managed(patience = 10_000) {
  const window = new StandInWindow({});
  const { app, events, did } = standInApp();
  const box = standInDialog();
  let closes = 0;
  let settle: { parked: () => void; failed: (error: Error) => void } | null = null;
  const studio = {
    close: () => {
      closes += 1;
      return new Promise<void>((parked, failed) => {
        settle = { parked, failed };
      });
    },
  };
  manageLifecycle({ app, dialog: box.dialog, studio, log: silentLog, window, patience });
  return {
    window,
    app,
    events,
    did,
    box,
    closes: () => closes,
    parked: () => settle?.parked(),
    failed: () => settle?.failed(new Error('the disk is gone')),
  };
}

describe('quitting', () => {
  test('waits until the running job is parked', async () => {
    const { app, did, closes, parked } = managed();
    app.quit();
    expect(did).toEqual(['held back']);
    expect(closes()).toBe(1);
    parked();
    await expect.poll(() => did).toEqual(['held back', 'quit']);
  });

  test('asked for twice parks once', async () => {
    const { app, did, closes, parked } = managed();
    app.quit();
    app.quit();
    expect(closes()).toBe(1);
    expect(did).toEqual(['held back', 'held back']);
    parked();
    await expect.poll(() => did.at(-1)).toBe('quit');
  });

  test('by closing the window keeps it open until the job is parked', async () => {
    const { window, did, parked } = managed();
    const first = preventable({});
    window.events.emit('close', first);
    expect(first.defaultPrevented).toBe(true);
    parked();
    await expect.poll(() => did.at(-1)).toBe('quit');
    const second = preventable({});
    window.events.emit('close', second);
    expect(second.defaultPrevented).toBe(false);
  });

  test('is not prevented by a failure to park', async () => {
    const error = vi.fn();
    const { app, did, failed } = managed();
    app.quit();
    failed();
    await expect.poll(() => did.at(-1)).toBe('quit');
    expect(error).not.toHaveBeenCalled();
  });

  test('says that it is parking once that takes a while, and stops saying so', async () => {
    const { app, did, box, window, parked } = managed(5);
    app.quit();
    await expect.poll(() => box.shown).toHaveLength(1);
    expect(box.shown[0]?.message).toContain('Parking');
    expect(window.title).toContain('parking');
    expect(window.did).toContain('progress 2');
    const signal = box.shown[0]?.signal;
    expect(signal?.aborted).toBe(false);
    parked();
    await expect.poll(() => did.at(-1)).toBe('quit');
    expect(signal?.aborted).toBe(true);
  });

  test('a quick one says nothing', async () => {
    const { app, did, box, parked } = managed(50);
    app.quit();
    parked();
    await expect.poll(() => did.at(-1)).toBe('quit');
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(box.shown).toEqual([]);
  });

  test('may be forced while it parks', async () => {
    const { app, did, box } = managed(5);
    app.quit();
    await expect.poll(() => box.shown).toHaveLength(1);
    box.answer(1);
    await expect.poll(() => did).toContain('exit 0');
  });

  test('does not happen at once when one chooses to wait', async () => {
    const { app, did, box, parked } = managed(5);
    app.quit();
    await expect.poll(() => box.shown).toHaveLength(1);
    box.answer(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(did).toEqual(['held back']);
    parked();
    await expect.poll(() => did.at(-1)).toBe('quit');
  });
});

describe('one instance', () => {
  test('a second one quits and starts nothing', () => {
    const { app, did } = standInApp(false);
    expect(claimSingleInstance(app, () => null)).toBe(false);
    expect(did).toEqual(['quit']);
  });

  test('the first comes to the front when a second is tried', () => {
    const { app, events } = standInApp();
    const window = new StandInWindow({});
    window.minimised = true;
    expect(claimSingleInstance(app, () => window)).toBe(true);
    events.emit('second-instance', preventable({}), [], '/');
    expect(window.did).toEqual(['restore', 'show', 'focus']);
  });

  test('a second one tried before there is a window harms nothing', () => {
    const { app, events } = standInApp();
    claimSingleInstance(app, () => null);
    expect(() => events.emit('second-instance', preventable({}), [], '/')).not.toThrow();
  });
});
