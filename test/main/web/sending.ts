import { type ClientRequest, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Answer } from './harness';

export interface Sending {
  readonly request: ClientRequest;
  /** The server's answer; rejects where the connection breaks before it. */
  readonly answer: Promise<Answer>;
}

/** A PUT of bytes as they come, with headers as they are. */
export function put(
  port: number,
  path: string,
  headers: Record<string, string>,
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  length?: number,
): Sending {
  const type = { 'content-type': 'application/octet-stream' };
  const size: Record<string, string> =
    length === undefined ? {} : { 'content-length': `${length}` };
  const sent = request({
    ...{ host: '127.0.0.1', port, path, method: 'PUT' },
    headers: { ...type, ...size, ...headers },
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    sent.on('error', reject);
  });
  // A server that has answered need not take the rest.
  pipeline(Readable.from(body), sent).catch(() => undefined);
  return { request: sent, answer };
}

/** So many bytes that differ, in pieces of one MiB, made as they are wanted. */
export function* generated(bytes: number): Generator<Uint8Array> {
  const size = 2 ** 20;
  for (let sent = 0; sent < bytes; sent += size) {
    const piece = Buffer.alloc(Math.min(size, bytes - sent));
    piece.writeUInt32LE(sent / size, 0);
    yield piece;
  }
}
