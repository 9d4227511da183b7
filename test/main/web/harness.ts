import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { type Log, silentLog } from '../../../src/main/core/app';
import { startWebServer, type WebApp, type WebServer } from '../../../src/main/web/server';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A GET with headers as they are: fetch would not let us lie about Host or Origin. */
export function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

export interface Harness {
  readonly server: WebServer;
  readonly port: number;
  /** The folder of what stands for the built renderer. */
  readonly renderer: string;
  /** Exchanges the printed token for the cookie. */
  cookie(): Promise<string>;
  /** Exchanges any token for its cookie. */
  cookieFor(token: string): Promise<string>;
  connect(headers: Record<string, string>): WebSocket;
  end(): Promise<void>;
}

export async function harness(app: WebApp, log: Log = silentLog): Promise<Harness> {
  const folder = mkdtempSync(join(tmpdir(), 'web-shell-'));
  const renderer = join(folder, 'renderer');
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(join(renderer, 'index.html'), '<!doctype html><title>the app</title>');
  writeFileSync(join(renderer, 'assets', 'index-abc123.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'not for the page');
  const rating = (name: string, text: string) => writeFileSync(join(renderer, name), text);
  rating('rating.html', '<title>rating</title><script src="./assets/rating-r1.js"></script>');
  rating(join('assets', 'rating-r1.js'), 'import"./shared-s1.js";import("./later-l1.js")');
  rating(join('assets', 'shared-s1.js'), 'export const n = 1;');
  rating(join('assets', 'later-l1.js'), 'new URL("font-f1.woff2", import.meta.url)');
  rating(join('assets', 'font-f1.woff2'), 'font');
  const server = await startWebServer({ app, rendererDir: renderer, port: 0, log });
  const sockets: WebSocket[] = [];
  const cookieFor = async (token: string) => {
    const answer = await get(server.port, `/?token=${token}`);
    return String(answer.headers['set-cookie']).split(';')[0] ?? '';
  };
  return {
    server,
    port: server.port,
    renderer,
    cookie: () => cookieFor(new URL(server.url).searchParams.get('token') ?? ''),
    cookieFor,
    connect(headers) {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, { headers });
      sockets.push(socket);
      return socket;
    },
    async end() {
      for (const socket of sockets) socket.terminate();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How a socket's opening went: 'open', or the status it was refused with. */
export function opening(socket: WebSocket): Promise<'open' | number> {
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve('open'));
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', (error) => {
      if (!error.message.includes('before the connection was established')) reject(error);
    });
  });
}

/** The next frame that arrives. */
export function nextFrame(socket: WebSocket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once('message', (data) => resolve(JSON.parse(String(data))));
  });
}

export function closing(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', (code) => resolve(code));
  });
}
