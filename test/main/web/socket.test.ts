import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type StudioEvent } from '../../../src/shared/events';
import { closing, harness, type Harness, nextFrame, opening } from './harness';
import { stubApp, type StubApp } from '../core/stub-app';

let app: StubApp;
let web: Harness;
let headers: Record<string, string>;
beforeEach(async () => {
  app = stubApp({ 'jobs.list': () => [], 'methods.remove': () => ({}) });
  web = await harness(app);
  headers = { cookie: await web.cookie(), origin: `http://127.0.0.1:${web.port}` };
});
afterEach(() => web.end());

const opened = async () => {
  const socket = web.connect(headers);
  expect(await opening(socket)).toBe('open');
  return socket;
};
const event: StudioEvent = { type: 'dataset.changed', dataset: 'mnist' };

describe('opening', () => {
  test('our page with its cookie opens', async () => {
    await opened();
  });

  test.each([
    ['no cookie', (all: Record<string, string>) => ({ origin: all.origin ?? '' }), 401],
    ['no origin', (all: Record<string, string>) => ({ cookie: all.cookie ?? '' }), 403],
    [
      'a foreign origin',
      (all: Record<string, string>) => ({ ...all, origin: 'https://evil.example' }),
      403,
    ],
    ['an opaque origin', (all: Record<string, string>) => ({ ...all, origin: 'null' }), 403],
    [
      'our host on another port',
      (all: Record<string, string>) => ({ ...all, origin: 'http://127.0.0.1:1' }),
      403,
    ],
    [
      'a rebound name that calls itself the origin',
      (all: Record<string, string>) => ({
        ...all,
        host: 'evil.example',
        origin: 'http://evil.example',
      }),
      403,
    ],
  ] as const)('%s is refused', async (_name, change, status) => {
    expect(await opening(web.connect(change(headers)))).toBe(status);
    expect(app.listeners.size).toBe(0);
  });
});

test('what a page looked at is given up when it goes', async () => {
  const [one, other] = [await opened(), await opened()];
  expect(app.left).toEqual([]);
  one.close();
  await vi.waitFor(() => expect(app.left).toHaveLength(1));
  other.close();
  await vi.waitFor(() => expect(new Set(app.left).size).toBe(2));
});

describe('frames', () => {
  test('a call is answered under its id, and so is a refusal', async () => {
    const socket = await opened();
    socket.send(JSON.stringify({ type: 'call', id: 7, route: 'jobs.list', input: {} }));
    expect(await nextFrame(socket)).toEqual({ type: 'answer', id: 7, output: [] });
    socket.send(JSON.stringify({ type: 'call', id: 8, route: 'app.status', input: {} }));
    expect(await nextFrame(socket)).toMatchObject({
      type: 'failure',
      id: 8,
      error: { code: 'not-found' },
    });
  });

  test.each(['constructor', '__proto__', 'nothing.here', ''])(
    'the route %j does not exist',
    async (route) => {
      const socket = await opened();
      socket.send(JSON.stringify({ type: 'call', id: 1, route, input: {} }));
      expect(await nextFrame(socket)).toMatchObject({ id: 1, error: { code: 'not-found' } });
      expect(app.calls).toEqual([]);
    },
  );

  test('a bad frame that has an id is refused under it, and the socket stays open', async () => {
    const socket = await opened();
    socket.send(JSON.stringify({ type: 'shout', id: 3, route: 'jobs.list' }));
    expect(await nextFrame(socket)).toMatchObject({ id: 3, error: { code: 'invalid-input' } });
    socket.send(JSON.stringify({ type: 'call', id: 4, route: 'jobs.list', input: {} }));
    expect(await nextFrame(socket)).toMatchObject({ type: 'answer', id: 4 });
  });

  test.each(['no json', '[]', 'null', '{"id":-1}', '{"id":"1"}', '{"id":1.5}'])(
    '%s is no frame: closed with 1008',
    async (text) => {
      const socket = await opened();
      const code = closing(socket);
      socket.send(text);
      expect(await code).toBe(1008);
    },
  );

  test('bytes are no frame: closed with 1008', async () => {
    const socket = await opened();
    const code = closing(socket);
    socket.send(Buffer.from(JSON.stringify({ type: 'call', id: 1, route: 'jobs.list' })));
    expect(await code).toBe(1008);
  });

  test('what is too long is refused under its id, and the socket stays open', async () => {
    const socket = await opened();
    const sent = (id: number, length: number) =>
      socket.send(
        JSON.stringify({
          ...{ type: 'call', id, route: 'methods.remove' },
          input: { method: 'A'.repeat(length) },
        }),
      );
    sent(1, 4 * 2 ** 20 - 100);
    expect(await nextFrame(socket)).toEqual({ type: 'answer', id: 1, output: {} });
    sent(2, 5 * 2 ** 20);
    expect(await nextFrame(socket)).toMatchObject({
      ...{ type: 'failure', id: 2 },
      error: { code: 'invalid-input', message: expect.stringContaining('at most 4 MiB') as string },
    });
    sent(3, 1);
    expect(await nextFrame(socket)).toEqual({ type: 'answer', id: 3, output: {} });
    // Nothing that our page sends: it looks at the length first.
    const code = closing(socket);
    socket.send('A'.repeat(17 * 2 ** 20));
    expect(await code).toBe(1009);
  });
});

describe('events', () => {
  test('every open page is told', async () => {
    const sockets = [await opened(), await opened()];
    const frames = Promise.all(sockets.map(nextFrame));
    app.announce(event);
    expect(await frames).toEqual([
      { type: 'event', event },
      { type: 'event', event },
    ]);
  });

  test('a page that has gone is no longer told', async () => {
    const socket = await opened();
    expect(app.listeners.size).toBe(1);
    const code = closing(socket);
    socket.close(1000);
    await code;
    await expect.poll(() => app.listeners.size).toBe(0);
    app.announce(event);
  });

  test('closing the server says goodbye to its pages', async () => {
    const socket = await opened();
    const code = closing(socket);
    await web.server.close();
    expect(await code).toBe(1001);
  });
});
