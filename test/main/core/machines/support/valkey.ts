import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { createContext } from '../../../../../scripts/setup/context.mjs';
import { ensureValkey } from '../../../../../scripts/setup/valkey.mjs';
import { type QueueAddress } from '../../../../../src/main/core/machines/queue/address';
import { type Certificates } from './certificates';
import { freePort } from './free-port';

export interface ValkeyOptions {
  /** Of the default user; by default there is none. */
  readonly password?: string;
  /** A user beside, what it may do as SETUSER's rules; the default user is off then. */
  readonly user?: { readonly name: string; readonly password: string; readonly rules: string };
  /** TLS in front of it, with this certificate. */
  readonly tls?: Certificates;
  /** Further lines of its configuration. */
  readonly configuration?: readonly string[];
}

export interface TestValkey {
  readonly port: number;
  /** As a person would give it. */
  readonly address: QueueAddress;
  /** kill -9: what it did not write to disk yet is lost. */
  kill(): Promise<void>;
  /** SIGTERM: everything is on disk. */
  stop(): Promise<void>;
  /** On the same port, with what is on disk; `empty` loses it. */
  restart(o?: { readonly empty: boolean }): Promise<void>;
  close(): Promise<void>;
}

const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** The pinned Valkey on a loopback port of its own. Close it when done. */
export async function startValkey(options: ValkeyOptions = {}): Promise<TestValkey> {
  const program = await ensureValkey(createContext());
  const folder = mkdtempSync(join(tmpdir(), 'valkey-'));
  const port = await freePort();
  const socket = join(folder, 'socket');
  const configuration = join(folder, 'valkey.conf');
  writeFileSync(configuration, linesOf(options, { folder, port, socket }).join('\n'), {
    mode: 0o600,
  });
  let child: ChildProcess | null = null;

  const start = async () => {
    const started = spawn(program, [configuration], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    started.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    started.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    living.add(started);
    started.once('exit', () => living.delete(started));
    child = started;
    while (!(await answers(socket))) {
      if (started.exitCode !== null) throw new Error(`Valkey ended:\n${said}`);
      await sleep(10);
    }
  };
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null) return;
    const ended = once(ending, 'exit');
    ending.kill(signal);
    await ended;
  };
  const removeData = () =>
    rmSync(join(folder, 'appendonlydir'), { recursive: true, force: true, maxRetries: 3 });

  await start();
  const front = options.tls === undefined ? null : await tlsFront(options.tls, port, socket);
  return {
    port,
    address: {
      host: '127.0.0.1',
      port,
      username: options.user?.name ?? '',
      password: options.user?.password ?? options.password ?? '',
      tls: options.tls === undefined ? null : { ca: options.tls.ca },
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async restart(o) {
      await end('SIGKILL');
      if (o?.empty === true) removeData();
      await start();
    },
    async close() {
      await front?.close();
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function linesOf(
  { password, user, tls, configuration = [] }: ValkeyOptions,
  { folder, port, socket }: { folder: string; port: number; socket: string },
): string[] {
  return [
    'bind 127.0.0.1',
    `port ${tls === undefined ? port : 0}`,
    `unixsocket "${socket}"`,
    `dir "${folder}"`,
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    ...(password === undefined ? [] : [`requirepass "${password}"`]),
    ...(user === undefined
      ? []
      : ['user default off', `user ${user.name} on >${user.password} ${user.rules}`]),
    ...configuration,
    '',
  ];
}

/** Whether the server takes commands: a refusal is an answer, a server that still loads is none. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    return !reply.toString().startsWith('-LOADING');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The pinned server speaks no TLS: this does, and hands on to its socket. */
async function tlsFront({ cert, key }: Certificates, port: number, socket: string) {
  const open = new Set<Socket>();
  const server = createTlsServer({ cert, key }, (near) => {
    const far = connect(socket);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  server.on('tlsClientError', (_error, client) => client.destroy());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const each of open) each.destroy();
      await closed;
    },
  };
}
