import { WebSocket } from 'ws';
import { type ErrorData, StudioError } from '../../../../src/shared/errors';
import { unpackFrame } from '../../../../src/shared/packed-frame';
import { type Api } from '../../../../src/shared/routes';
import { get } from '../../web/harness';

export interface SocketPage extends Api {
  close(): void;
}

/** Thrown for calls that were under way when the connection went. */
export class ConnectionLost extends Error {}

interface Reply {
  readonly type: string;
  readonly id: number;
  readonly output?: unknown;
  readonly error?: ErrorData;
}

/** What a browser does with a link: exchange its token for a cookie, then open a socket. */
export async function openPage(port: number, token: string): Promise<SocketPage> {
  const answer = await get(port, `/?token=${token}`).catch((error: unknown) => {
    throw new ConnectionLost('no connection', { cause: error });
  });
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  const headers = { cookie, origin: `http://127.0.0.1:${port}` };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let next = 1;
  let open = true;
  const lost = () => {
    open = false;
    for (const call of waiting.values()) call.reject(new ConnectionLost('the connection was lost'));
    waiting.clear();
  };
  socket.on('close', lost);
  socket.on('error', lost);
  socket.binaryType = 'arraybuffer';
  socket.on('message', (data) => {
    const frame = data instanceof ArrayBuffer ? unpackFrame(data) : JSON.parse(String(data));
    const reply = frame as Reply;
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.type === 'answer') call?.resolve(reply.output);
    else if (reply.error) call?.reject(new StudioError(reply.error));
  });
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', () => reject(new ConnectionLost('no connection')));
    socket.on('close', () => reject(new ConnectionLost('no connection')));
  });
  return {
    call(route, input) {
      if (!open) return Promise.reject(new ConnectionLost('the connection was lost'));
      const id = next;
      next += 1;
      const call = Promise.withResolvers<unknown>();
      waiting.set(id, call);
      socket.send(JSON.stringify({ type: 'call', id, route, input }));
      return call.promise as Promise<never>;
    },
    close: () => socket.terminate(),
  };
}
