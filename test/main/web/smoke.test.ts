import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtInMethods } from '../../../src/shared/catalogue/methods';
import { StudioError } from '../../../src/shared/errors';
import { type EnginePort } from '../../../src/shared/engine';
import { type App, createApp } from '../../../src/main/core/app';
import { withoutTensorflow } from '../../../src/main/core/engine/studio-engine';
import { harness, type Harness, nextFrame, opening } from './harness';

/** No engine process at all: what is asked here needs none. */
const nothing: EnginePort = {
  async request() {
    throw new StudioError({ code: 'engine-failed', message: 'There is no process.' });
  },
  close: async () => undefined,
};

let folder: string;
let app: App;
let web: Harness;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'web-smoke-'));
  app = await createApp({
    dataDir: folder,
    shell: 'browser',
    startEngine: () => withoutTensorflow(nothing),
  });
  web = await harness(app);
});
afterAll(async () => {
  await web.end();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

async function call(route: string, input: unknown): Promise<unknown> {
  const origin = `http://127.0.0.1:${web.port}`;
  const socket = web.connect({ cookie: await web.cookie(), origin });
  expect(await opening(socket)).toBe('open');
  const reply = nextFrame(socket);
  socket.send(JSON.stringify({ type: 'call', id: 1, route, input }));
  return reply;
}

test('the real application answers through the shell, without its engine too', async () => {
  await expect
    .poll(() => call('app.status', {}))
    .toMatchObject({
      type: 'answer',
      output: {
        shell: 'browser',
        dataDir: folder,
        engine: {
          state: 'unavailable',
          available: false,
          reason: expect.stringContaining('--no-engine') as string,
        },
      },
    });
  expect(await call('methods.list', {})).toMatchObject({
    output: builtInMethods.map(({ id }) => ({ id })),
  });
  expect(await call('roar.list', {})).toEqual({ type: 'answer', id: 1, output: [] });
});

test('its refusals name the field, the value and what is accepted', async () => {
  expect(await call('jobs.get', { job: 'mine' })).toMatchObject({
    type: 'failure',
    error: {
      code: 'invalid-input',
      field: 'job',
      value: '"mine"',
      accepted: expect.stringContaining('a job id') as string,
    },
  });
});
