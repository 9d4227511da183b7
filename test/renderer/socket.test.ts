import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readReply } from '../../src/renderer/api/read-reply';
import { packFrame } from '../../src/shared/packed-frame';
import { type SocketLike, socketTransport } from '../../src/renderer/api/socket';

/** A socket in the test's hands: the transport's side records, the test's side speaks. */
class TestSocket implements SocketLike {
  readyState = 0;
  readonly sent: string[] = [];
  readonly #target = new EventTarget();

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.end();
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#target.addEventListener(type, listener as EventListener);
  }

  open(): void {
    this.readyState = 1;
    this.#target.dispatchEvent(new Event('open'));
  }

  text(data: string | ArrayBuffer): void {
    this.#target.dispatchEvent(Object.assign(new Event('message'), { data }));
  }

  say(frame: unknown): void {
    this.text(JSON.stringify(frame));
  }

  end(): void {
    this.readyState = 3;
    this.#target.dispatchEvent(new Event('close'));
  }
}

const call = (id: number) => ({ type: 'call' as const, id, route: 'app.status', input: {} });

describe('socketTransport', () => {
  const sockets: TestSocket[] = [];
  const last = () => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  };
  const start = () =>
    socketTransport({
      open: () => {
        const socket = new TestSocket();
        sockets.push(socket);
        return socket;
      },
      read: readReply,
      backoff: [100, 200],
      patience: 1000,
    });

  beforeEach(() => {
    sockets.length = 0;
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it('keeps calls made before it is open and answers each by its id', async () => {
    const transport = start();
    const first = transport.send(call(1));
    const second = transport.send(call(2));
    expect(last().sent).toEqual([]);
    last().open();
    expect(transport.state).toBe('open');
    expect(last().sent.map((text) => JSON.parse(text).id)).toEqual([1, 2]);
    last().say({ type: 'answer', id: 2, output: 'b' });
    last().say({ type: 'answer', id: 1, output: 'a' });
    expect(await first).toEqual({ type: 'answer', id: 1, output: 'a' });
    expect(await second).toEqual({ type: 'answer', id: 2, output: 'b' });
  });

  it('reads answers that hold pixels, and nothing that is damaged', async () => {
    const transport = start();
    const answered = transport.send(call(1));
    last().open();
    const frame = { type: 'answer', id: 1, output: { data: new Uint8Array([0, 255, 7]) } } as const;
    const packed = packFrame(frame);
    last().text(packed.slice(0, -1).buffer);
    last().text(packed.buffer);
    expect(await answered).toEqual(frame);
  });

  it('rejects what was under way when it closes, and opens again after a pause', async () => {
    const transport = start();
    const states: string[] = [];
    transport.onState((state) => states.push(state));
    last().open();
    const pending = transport.send(call(1));
    const failure = expect(pending).rejects.toMatchObject({
      message: expect.stringContaining('connection'),
    });
    last().end();
    await failure;
    expect(transport.state).toBe('lost');
    const later = transport.send(call(2));
    await vi.advanceTimersByTimeAsync(100);
    expect(sockets).toHaveLength(2);
    last().open();
    expect(last().sent.map((text) => JSON.parse(text).id)).toEqual([2]);
    last().say({ type: 'answer', id: 2, output: null });
    await later;
    expect(states).toEqual(['open', 'lost', 'open']);
  });

  it('waits longer after each failed attempt, and at once when asked', async () => {
    const transport = start();
    last().end();
    await vi.advanceTimersByTimeAsync(100);
    expect(sockets).toHaveLength(2);
    last().end();
    await vi.advanceTimersByTimeAsync(199);
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(3);
    last().end();
    transport.retry();
    expect(sockets).toHaveLength(4);
    transport.retry();
    expect(sockets).toHaveLength(4);
  });

  it('refuses a call that is too long without sending it, and goes on', async () => {
    const transport = start();
    last().open();
    const long = { ...call(1), input: { text: 'x'.repeat(5 * 2 ** 20) } };
    await expect(transport.send(long)).rejects.toThrow(/6 MiB long; accepted: at most 4 MiB/);
    expect(last().sent).toEqual([]);
    const answered = transport.send(call(2));
    last().say({ type: 'answer', id: 2, output: 1 });
    expect(await answered).toMatchObject({ output: 1 });
  });

  it('refuses a call that no connection came for', async () => {
    const transport = start();
    const refused = expect(transport.send(call(1))).rejects.toMatchObject({ code: 'internal' });
    await vi.advanceTimersByTimeAsync(1000);
    await refused;
    last().open();
    expect(last().sent).toEqual([]);
  });

  it('hands on events and ignores frames that are none', () => {
    const transport = start();
    const seen: unknown[] = [];
    const stop = transport.onEvent((frame) => seen.push(frame));
    last().open();
    const frame = { type: 'event', event: { type: 'dataset.changed', dataset: 'mnist' } };
    last().say(frame);
    last().say({ type: 'event', event: { type: 'unknown' } });
    last().say({ nonsense: true });
    last().text('not json');
    stop();
    last().say(frame);
    expect(seen).toEqual([frame]);
  });
});
