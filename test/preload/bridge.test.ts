import { EventEmitter } from 'node:events';
import { beforeAll, expect, test, vi } from 'vitest';
import { ipcCall, ipcEvent } from '../../src/shared/channels';
import { type ReplyFrame, type RequestFrame, type StudioBridge } from '../../src/shared/wire';

const exposed: Record<string, unknown> = {};
const invoked: unknown[][] = [];
const ipc = Object.assign(new EventEmitter(), {
  invoke: async (...given: unknown[]): Promise<ReplyFrame> => {
    invoked.push(given);
    return { type: 'answer', id: 1, output: 'here' };
  },
});
vi.mock('electron', () => ({
  contextBridge: {
    exposeInMainWorld: (name: string, value: unknown) => {
      exposed[name] = value;
    },
  },
  ipcRenderer: ipc,
}));

let bridge: StudioBridge;
beforeAll(async () => {
  await import('../../src/preload/index');
  bridge = exposed.studio as StudioBridge;
});

test('puts one object with two functions on the page, nothing else', () => {
  expect(Object.keys(exposed)).toEqual(['studio']);
  expect(Object.keys(bridge).sort()).toEqual(['call', 'onEvent']);
});

test('passes calls on by one channel', async () => {
  const frame: RequestFrame = { type: 'call', id: 1, route: 'jobs.list', input: {} };
  expect(await bridge.call(frame)).toEqual({ type: 'answer', id: 1, output: 'here' });
  expect(invoked).toEqual([[ipcCall, frame]]);
});

test('hands over event frames without the sender, until told to stop', () => {
  const seen: unknown[][] = [];
  const stop = bridge.onEvent((...given) => seen.push(given));
  ipc.emit(ipcEvent, { sender: 'secret' }, { type: 'event' });
  expect(seen).toEqual([[{ type: 'event' }]]);
  stop();
  ipc.emit(ipcEvent, {}, { type: 'event' });
  expect(seen).toHaveLength(1);
  expect(ipc.listenerCount(ipcEvent)).toBe(0);
});
