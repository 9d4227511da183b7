import { describe, expect, test } from 'vitest';
import { ipcCall, ipcEvent } from '../../../src/shared/channels';
import { connectIpc } from '../../../src/main/electron/ipc';
import { stubApp } from '../core/stub-app';
import { invocation, standInIpc, StandInWindow } from './stand-in';

const frame = { type: 'call', id: 5, route: 'jobs.list', input: {} };
const ours = invocation('studio://app/index.html#/roar');

function connected() {
  const studio = stubApp({ 'jobs.list': () => [] });
  const { ipcMain, handlers } = standInIpc();
  const window = new StandInWindow({});
  const stop = connectIpc(studio, { ipcMain, contents: () => [window.webContents] });
  const call = async (event: typeof ours, received: unknown): Promise<unknown> => {
    const handler = handlers.get(ipcCall);
    if (!handler) throw new Error('nothing handles calls');
    return handler(event, received) as unknown;
  };
  return { studio, handlers, window, stop, call };
}

describe('calls', () => {
  test('of our page are answered', async () => {
    const { call } = connected();
    expect(await call(ours, frame)).toEqual({ type: 'answer', id: 5, output: [] });
    expect(await call(ours, { ...frame, route: 'app.status' })).toMatchObject({
      type: 'failure',
      id: 5,
      error: { code: 'not-found' },
    });
    expect(await call(ours, { id: 5, route: 1 })).toMatchObject({
      id: 5,
      error: { code: 'invalid-input' },
    });
  });

  test('that are no frame are refused', async () => {
    const { call } = connected();
    await expect(call(ours, 'hello')).rejects.toThrow('not a request frame');
  });

  test.each([
    ['another site', invocation('https://example.org/')],
    ['another host of our scheme', invocation('studio://other/index.html')],
    ['a file', invocation('file:///tmp/page.html')],
    ['an address that only begins like ours', invocation('studio://app.evil.example/')],
    ['a frame inside our page', invocation('studio://app/index.html', true)],
    ['a blank page', invocation('about:blank')],
    ['a frame that is gone', invocation(null)],
  ])('of %s are refused and reach nothing', async (_name, event) => {
    const { call, studio } = connected();
    await expect(call(event, frame)).rejects.toThrow('may not call');
    expect(studio.calls).toEqual([]);
  });
});

test('events go to the open window until the shell stops', () => {
  const { studio, window, stop, handlers } = connected();
  const event = { type: 'dataset.changed', dataset: 'mnist' } as const;
  studio.announce(event);
  expect(window.sent).toEqual([[ipcEvent, { type: 'event', event }]]);
  window.destroyed = true;
  studio.announce(event);
  expect(window.sent).toHaveLength(1);
  stop();
  expect(studio.listeners.size).toBe(0);
  expect(handlers.size).toBe(0);
});
