import { EventEmitter } from 'node:events';
import { beforeAll, expect, test, vi } from 'vitest';
import { ipcCall, ipcEvent, ipcGive, ipcPiece, ipcSave } from '../../src/shared/channels';
import { type ReplyFrame, type RequestFrame, type StudioBridge } from '../../src/shared/wire';

const exposed: Record<string, unknown> = {};
const invoked: unknown[][] = [];
const paths = new Map<File, string>();
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
  webUtils: { getPathForFile: (file: File) => paths.get(file) ?? '' },
}));

let bridge: StudioBridge;
beforeAll(async () => {
  await import('../../src/preload/index');
  bridge = exposed.studio as StudioBridge;
});

test('puts one object with five functions on the page, nothing else', () => {
  expect(Object.keys(exposed)).toEqual(['studio']);
  expect(Object.keys(bridge).sort()).toEqual(['call', 'give', 'onEvent', 'piece', 'save']);
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

test('hands over a chosen file by the path that Electron knows of it, and no other path', async () => {
  const chosen = new File(['x'], 'weights.safetensors');
  paths.set(chosen, '/home/ada/weights.safetensors');
  invoked.length = 0;
  await bridge.give(chosen);
  expect(invoked).toEqual([[ipcGive, '/home/ada/weights.safetensors']]);
  expect(await bridge.give(new File(['x'], '/etc/passwd'))).toBeNull();
  expect(invoked).toHaveLength(1);
});

test('passes pieces and wishes to save on by channels of their own', async () => {
  invoked.length = 0;
  const piece = Uint8Array.of(1, 2);
  await bridge.piece('upload_a', piece);
  await bridge.save('export_a');
  expect(invoked).toEqual([
    [ipcPiece, 'upload_a', piece],
    [ipcSave, 'export_a'],
  ]);
});
