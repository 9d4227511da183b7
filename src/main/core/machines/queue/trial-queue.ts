import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { conflict, StudioError } from '../../../../shared/errors';
import { acquireLock, type DirectoryLock } from '../../storage/lock';
import { makeFolder } from '../../storage/make-folder';
import { listenOnce } from '../listen-once';
import { type MachinesFolder } from '../machines-folder';
import { readSecret, writeSecret } from '../secret-file';
import { leastRights } from './acl';
import { type QueueAddress, queueAddressSchema } from './address';
import { checkQueue } from './check-queue';
import { dataDirectoryId } from './data-directory-id';
import { queuePrefix } from './names';
import { forgetQueue, readQueue } from './queue-file';
import { problemOf } from './queue-problem';

export interface TrialOptions {
  readonly folder: MachinesFolder;
  /** The server's program. */
  readonly program: string;
  /** Null: the one of before where it is free, else any that is. */
  readonly port: number | null;
  /** Whether whoever knows the password of before is kept out. */
  readonly newPassword: boolean;
  readonly now: () => Date;
}

export interface TrialQueue {
  readonly address: QueueAddress;
  /** Of the server, as `Valkey 9.1.2`. */
  readonly version: string;
  /** What joins that were made before know otherwise. */
  readonly changed: { readonly port: boolean; readonly password: boolean };
  /** When the server ends: what it said last where nobody told it to; else null. */
  readonly ended: Promise<string | null>;
  /** What the queue holds stays on disk. */
  close(): Promise<void>;
}

const user = 'studio';
const host = '127.0.0.1';
/** Milliseconds that the server has to start, and to end. */
const patience = 10_000;

/**
 * A queue of one's own on this machine's loopback address, kept below the data directory: its user may
 * do the least that is needed, with a password drawn once, or when asked for. It takes no lock but one on its own folder.
 * It ends with this process, however that ends.
 *
 * @throws StudioError `conflict` where one runs already or the port is taken
 */
export async function startTrialQueue(options: TrialOptions): Promise<TrialQueue> {
  const { folder, program } = options;
  const lock = lockOf(options);
  let child: ChildProcess | null = null;
  try {
    // Nobody else runs a trial: an address of one is of a server that is gone.
    if (readQueue(folder)?.trial === true) forgetQueue(folder);
    const before = readSecret(addressFile(folder), queueAddressSchema, 'the trial queue’s address');
    const port = await portFor(options.port, before?.port ?? null);
    const kept = options.newPassword ? null : (before?.password ?? null);
    const password = kept ?? randomBytes(24).toString('base64url');
    const address: QueueAddress = { host, port, username: user, password, tls: null };
    writeSecret(addressFile(folder), `${JSON.stringify(address)}\n`);
    const configuration = join(folder.trial, 'valkey.conf');
    const prefix = queuePrefix(dataDirectoryId(folder));
    writeSecret(configuration, configurationOf(folder, address, prefix));
    makeFolder(dataFolder(folder));
    const server = startServer(program, configuration);
    child = server.child;
    const version = await answering(address, prefix, server);
    return {
      address,
      version,
      changed: {
        port: before !== null && before.port !== port,
        password: before !== null && before.password !== password,
      },
      ended: server.ended,
      async close() {
        await server.end();
        lock.release();
      },
    };
  } catch (error) {
    child?.stdin?.end();
    lock.release();
    throw error;
  }
}

const addressFile = ({ trial }: MachinesFolder): string => join(trial, 'address.json');
const dataFolder = ({ trial }: MachinesFolder): string => join(trial, 'data');

function lockOf({ folder, now }: TrialOptions): DirectoryLock {
  makeFolder(folder.trial);
  try {
    return acquireLock(folder.trial, {
      pid: process.pid,
      shell: 'command queue try',
      since: now().toISOString(),
    });
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'locked') throw error;
    const pid = error.data.details?.['pid'];
    const who = pid === undefined ? '' : ` (process ${pid})`;
    throw conflict(`A trial queue of this data directory runs already${who}: end it first.`);
  }
}

async function portFor(wished: number | null, before: number | null): Promise<number> {
  if (wished !== null) {
    if (await freePort(wished)) return wished;
    throw conflict(`Another program listens on port ${wished}: give another --port, or none.`);
  }
  const found = (before === null ? null : await freePort(before)) ?? (await freePort(0));
  if (found === null) throw conflict('No port of this machine is free: close other programs.');
  return found;
}

/** The port, a free one for 0; null where it is taken or may not be used. */
const freePort = (port: number): Promise<number | null> => listenOnce(host, port).catch(() => null);

function configurationOf(folder: MachinesFolder, address: QueueAddress, prefix: string): string {
  // Of the password its hash alone.
  const hash = createHash('sha256').update(address.password).digest('hex');
  return [
    `bind ${host}`,
    `port ${address.port}`,
    `dir ${quoted(dataFolder(folder))}`,
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    'loglevel warning',
    'user default off',
    `user ${address.username} on #${hash} ${leastRights(prefix).join(' ')}`,
    '',
  ].join('\n');
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/**
 * Ends the server when its own input ends, which it does with the process that started it, even where
 * that is killed outright.
 */
const keeper = `exec 3<&0
"$1" "$2" 3<&- & server=$!
{ read -r _; kill "$server"; } <&3 2>/dev/null & reader=$!
wait "$server"
kill "$reader" 2>/dev/null`;

function startServer(program: string, configuration: string) {
  const child = spawn('/bin/sh', ['-c', keeper, 'queue-try', program, configuration], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // What a terminal sends to all is for us to pass on.
    detached: true,
  });
  let said = '';
  let told = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
  }
  child.stdin.on('error', () => undefined);
  const { promise: ended, resolve } = Promise.withResolvers<string | null>();
  child.once('error', (error) => resolve(error.message));
  child.once('close', () => {
    child.stdin.end();
    resolve(told ? null : lastWords(said));
  });
  return {
    child,
    ended,
    async end() {
      told = true;
      child.stdin.end();
      const late = sleep(patience, 'late', { ref: false });
      if ((await Promise.race([ended, late])) === 'late') killGroup(child);
      await ended;
    },
  };
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/** `123:M 01 Jan 2026 00:00:00.000 # What it says`, of which a person needs the last. */
const lastWords = (said: string): string =>
  said
    .trim()
    .split('\n')
    .slice(-3)
    .map((line) => line.replace(/^\d+:\w .*? [#*.-] /, ''))
    .join(' ');

async function answering(
  address: QueueAddress,
  prefix: string,
  server: ReturnType<typeof startServer>,
): Promise<string> {
  const deadline = performance.now() + patience;
  const died = server.ended.then((said) => {
    throw conflict(`The trial queue’s server does not start: ${said ?? 'it was ended'}`);
  });
  // Whoever waits for `ended` is told, too.
  died.catch(() => undefined);
  for (;;) {
    try {
      const { version } = await Promise.race([died, checkQueue(address, { prefix })]);
      return version;
    } catch (error) {
      const passes = problemOf(error) === 'unreachable' || problemOf(error) === 'silent';
      if (!passes || performance.now() > deadline) throw error;
      await sleep(20);
    }
  }
}
