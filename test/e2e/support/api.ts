import { WebSocket } from 'ws';
import { type ExportFile } from '../../../src/shared/export-file';
import { unpackFrame } from '../../../src/shared/packed-frame';
import { type RouteInput, type RouteName, type RouteOutput } from '../../../src/shared/routes';
import { replyFrameSchema } from '../../../src/shared/wire';

/** The researcher's own connection, beside the pages that a test opens. */
export interface ApiConnection {
  call<K extends RouteName>(route: K, input: RouteInput<K>): Promise<RouteOutput<K>>;
  /** Sends a file as a page would; its id, for the routes that take one. */
  send(name: string, content: string | Uint8Array): Promise<{ upload: string }>;
  /** Fetches an exported file. */
  fetch(file: ExportFile): Promise<Buffer>;
  close(): void;
}

/** Exchanges the token of an address for its cookie and connects as a page would. */
export async function connect(url: string): Promise<ApiConnection> {
  const { origin, host } = new URL(url);
  const exchanged = await fetch(url, { redirect: 'manual' });
  const cookie = exchanged.headers.getSetCookie()[0]?.split(';')[0];
  if (!cookie) throw new Error(`${url} gave no cookie: ${exchanged.status}`);
  const socket = new WebSocket(`ws://${host}/ws`, { headers: { cookie, origin } });
  const waiting = new Map<number, (reply: unknown) => void>();
  let next = 1;
  socket.binaryType = 'arraybuffer';
  socket.on('message', (data) => {
    const received: unknown =
      data instanceof ArrayBuffer ? unpackFrame(data) : JSON.parse(data.toString());
    const frame = replyFrameSchema.parse(received);
    if (frame.type !== 'event') waiting.get(frame.id)?.(frame);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  const call: ApiConnection['call'] = async (route, input) => {
    const id = next;
    next += 1;
    const replied = new Promise<unknown>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ type: 'call', id, route, input }));
    const reply = replyFrameSchema.parse(await replied);
    waiting.delete(id);
    if (reply.type === 'answer') return reply.output as RouteOutput<typeof route>;
    throw new Error(`${route}: ${JSON.stringify(reply)}`);
  };
  return {
    call,
    async send(name, content) {
      const body = Buffer.from(content);
      const begun = await call('uploads.begin', { name, bytes: body.length });
      const headers = { cookie, origin, 'content-type': 'application/octet-stream' };
      await fetch(`${origin}/files/${begun.upload}`, { method: 'PUT', headers, body });
      return begun;
    },
    async fetch({ file }) {
      const answer = await fetch(`${origin}/files/${file}`, { headers: { cookie } });
      if (!answer.ok) throw new Error(`${file}: ${answer.status} ${await answer.text()}`);
      return Buffer.from(await answer.arrayBuffer());
    },
    close: () => socket.close(),
  };
}
