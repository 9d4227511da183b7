import { checkRequestLength } from '../../shared/frames';
import { unpackFrame } from '../../shared/packed-frame';
import type { ReplyFrame } from '../../shared/wire';
import { connectionLost, type ConnectionState, type ReadFrame, type Transport } from './transport';

/** The part of WebSocket that the transport uses, so that tests can bring their own. */
export interface SocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  addEventListener(type: 'open' | 'close', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

export interface SocketOptions {
  readonly open: () => SocketLike;
  readonly read: ReadFrame;
  /** Milliseconds before each attempt after the first; the last one repeats. */
  readonly backoff?: readonly number[];
  /** How long a call waits for a connection before it is refused, in milliseconds. */
  readonly patience?: number;
}

interface Waiting {
  /** The frame as text. */
  readonly text: string;
  sent: boolean;
  readonly resolve: (frame: ReplyFrame) => void;
  readonly reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const opened = 1;

/** The browser shell's transport: one WebSocket, opened again with growing pauses when it closes. */
export function socketTransport(options: SocketOptions): Transport {
  const backoff = options.backoff ?? [250, 500, 1000, 2000, 4000];
  const patience = options.patience ?? 15_000;
  const waiting = new Map<number, Waiting>();
  const events = new Set<(frame: ReplyFrame) => void>();
  const states = new Set<(state: ConnectionState) => void>();
  let state: ConnectionState = 'connecting';
  let socket: SocketLike | null = null;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const setState = (next: ConnectionState) => {
    if (state === next) return;
    state = next;
    for (const listener of states) listener(next);
  };

  const settle = (id: number): Waiting | undefined => {
    const call = waiting.get(id);
    if (!call) return undefined;
    waiting.delete(id);
    clearTimeout(call.timer);
    return call;
  };

  const transmit = (call: Waiting) => {
    if (socket?.readyState !== opened) return;
    call.sent = true;
    clearTimeout(call.timer);
    socket.send(call.text);
  };

  const receive = (message: unknown) => {
    const frame = options.read(readMessage(message));
    if (!frame) return;
    if (frame.type === 'event') for (const listener of events) listener(frame);
    else settle(frame.id)?.resolve(frame);
  };

  const lost = () => {
    socket = null;
    setState('lost');
    for (const [id, call] of waiting) if (call.sent) settle(id)?.reject(connectionLost());
    clearTimeout(timer);
    timer = setTimeout(connect, backoff[Math.min(attempt, backoff.length - 1)] ?? 1000);
    attempt += 1;
  };

  function connect(): void {
    clearTimeout(timer);
    const current = options.open();
    socket = current;
    current.addEventListener('open', () => {
      if (socket !== current) return;
      attempt = 0;
      setState('open');
      for (const call of waiting.values()) if (!call.sent) transmit(call);
    });
    current.addEventListener('message', (event) => {
      if (socket === current) receive(event.data);
    });
    current.addEventListener('close', () => {
      if (socket === current) lost();
    });
  }

  connect();

  return {
    get state() {
      return state;
    },
    send: (frame) =>
      new Promise((resolve, reject) => {
        const text = JSON.stringify(frame);
        checkRequestLength(text);
        const call: Waiting = { text, sent: false, resolve, reject, timer: undefined };
        call.timer = setTimeout(() => settle(frame.id)?.reject(connectionLost()), patience);
        waiting.set(frame.id, call);
        transmit(call);
      }),
    onEvent: (listener) => {
      events.add(listener);
      return () => events.delete(listener);
    },
    onState: (listener) => {
      states.add(listener);
      return () => states.delete(listener);
    },
    retry: () => {
      if (state === 'lost' && socket === null) connect();
    },
  };
}

/** What a frame says; undefined where it is none, which no reader takes. */
function readMessage(message: unknown): unknown {
  if (message instanceof ArrayBuffer) return unpackFrame(message);
  if (typeof message !== 'string') return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

/** The socket of the page's own origin. */
export function pageSocket(place: Location): SocketLike {
  const scheme = place.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(`${scheme}//${place.host}/ws`);
  socket.binaryType = 'arraybuffer';
  return socket;
}
