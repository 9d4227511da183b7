import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

/** Bytes of which none can be mistaken for its neighbour. */
export function madeBytes(count: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(count);
  let state = seed;
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A file server on loopback whose manners a test may change at any time. */
export interface FileServer {
  readonly url: string;
  readonly requests: { path: string; range: string | undefined; ifRange: string | undefined }[];
  content: Buffer;
  etag: string | null;
  lastModified: string | null;
  /** Whether it answers ranges at all. */
  ranges: boolean;
  /** Cut the connection after so many bytes of an answer; null: never. */
  cutAfter: number | null;
  /** Answer with this status instead of the file. */
  status: number | null;
  /** How many requests are answered well before that. */
  statusFrom: number;
  /** Where to send the caller first. */
  redirects: string[];
  /** Bytes sent at a time, and milliseconds between two pieces. */
  piece: number;
  pause: number;
  /** Headers of every answer. */
  readonly headers: Record<string, string>;
}

export async function fileServer(content: Buffer): Promise<FileServer> {
  const server = createServer((request, response) => {
    answer(files, request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const files: FileServer = {
    url: `http://127.0.0.1:${port}/archive.bin`,
    requests: [],
    content,
    etag: '"one"',
    lastModified: null,
    ranges: true,
    cutAfter: null,
    status: null,
    statusFrom: 0,
    redirects: [],
    piece: 65_536,
    pause: 0,
    headers: {},
  };
  return files;
}

async function answer(
  files: FileServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { range, 'if-range': ifRange } = request.headers;
  files.requests.push({
    path: request.url ?? '',
    range,
    ifRange: typeof ifRange === 'string' ? ifRange : undefined,
  });
  const location = files.redirects.shift();
  if (location !== undefined) {
    response.writeHead(302, { location }).end();
    return;
  }
  if (files.status !== null && files.requests.length > files.statusFrom) {
    response.writeHead(files.status).end('no');
    return;
  }
  const { content, etag, lastModified } = files;
  const headers: Record<string, string> = { ...files.headers };
  if (etag !== null) headers['etag'] = etag;
  if (lastModified !== null) headers['last-modified'] = lastModified;
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? Number.NaN);
  const same = ifRange === undefined || ifRange === etag || ifRange === lastModified;
  const partial = files.ranges && same && !Number.isNaN(from);
  if (partial && from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const body = partial ? content.subarray(from) : content;
  if (partial) headers['content-range'] = `bytes ${from}-${content.length - 1}/${content.length}`;
  response.writeHead(partial ? 206 : 200, { ...headers, 'content-length': body.length });
  const end = Math.min(body.length, files.cutAfter ?? body.length);
  for (let at = 0; at < end; at += files.piece) {
    const piece = body.subarray(at, Math.min(end, at + files.piece));
    await new Promise((resolve) => response.write(piece, resolve));
    if (files.pause > 0) await delay(files.pause);
  }
  // What was written arrives; what was promised does not.
  if (end < body.length) response.socket?.end();
  else response.end();
}
