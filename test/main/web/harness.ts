import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { type App, silentLog } from '../../../src/main/core/app';
import { startWebServer, type WebServer } from '../../../src/main/web/server';

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
  /** Exchanges the printed token for the cookie. */
  cookie(): Promise<string>;
  connect(headers: Record<string, string>): WebSocket;
  end(): Promise<void>;
}

export async function harness(app: Pick<App, 'apiFor' | 'subscribe'>): Promise<Harness> {
  const folder = mkdtempSync(join(tmpdir(), 'web-shell-'));
  const renderer = join(folder, 'renderer');
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(join(renderer, 'index.html'), '<!doctype html><title>the app</title>');
  writeFileSync(join(renderer, 'assets', 'index-abc123.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'not for the page');
  const server = await startWebServer({ app, rendererDir: renderer, port: 0, log: silentLog });
  const sockets: WebSocket[] = [];
  return {
    server,
    port: server.port,
    async cookie() {
      const { pathname, search } = new URL(server.url);
      const answer = await get(server.port, `${pathname}${search}`);
      return String(answer.headers['set-cookie']).split(';')[0] ?? '';
    },
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
