import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, isIP } from 'node:net';
import { z } from 'zod';
import { reasonOf, refuse, StudioError } from '../../../../shared/errors';
import { renameDurably, syncPath } from '../../storage/durable';
import { storageError } from '../../storage/storage-error';
import { type MachinesFolder } from '../machines-folder';

const listenerSchema = z.object({
  /** Where workers reach the application. */
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** A folder that all see, for files and results in place of the listener; null: there is none. */
  sharedFolder: z.string().nullable().default(null),
  /** Others of before, which earlier join files name. */
  earlierFolders: z.array(z.string()).default([]),
});
/** Where the application listens for workers: fixed once, since join files name it. */
export type Listener = z.output<typeof listenerSchema>;

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

/** Plain text stays on this machine. */
export const isLoopback = (host: string): boolean => loopback.has(host);

export const listenerUrl = ({ host, port }: Pick<Listener, 'host' | 'port'>): string =>
  `${isLoopback(host) ? 'http' : 'https'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

/** Null where nobody fixed it yet. Throws `corrupt-file` naming the file. */
export function readListener({ listener }: Pick<MachinesFolder, 'listener'>): Listener | null {
  let text: string;
  try {
    text = readFileSync(listener, 'utf8');
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return null;
    throw storageError(error, listener);
  }
  try {
    return listenerSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new StudioError(
      {
        code: 'corrupt-file',
        message: `${listener} does not say where workers reach the application: delete it, and make join files anew (\`join create\`).`,
      },
      error,
    );
  }
}

/**
 * The port, a free one where none is named.
 *
 * @throws StudioError `invalid-input` where the address is none of this machine's
 */
export async function chosenPort(host: string, port: number | null): Promise<number> {
  // A free one is asked for whatever was named: only what can listen tells whose address it is.
  const free = await freePort(host);
  return port ?? free;
}

/** Fix it: whole, or not at all. */
export function fixListener(
  { root, listener }: Pick<MachinesFolder, 'root' | 'listener'>,
  fixed: Listener,
): void {
  const part = `${listener}.${process.pid}.part`;
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    writeFileSync(part, `${JSON.stringify(fixed, null, 2)}\n`);
    syncPath(part);
    renameDurably(part, listener);
  } catch (error) {
    throw storageError(error, listener);
  }
}

/**
 * ADDRESS or ADDRESS:PORT as a person writes it; an IPv6 address with a port stands in brackets.
 *
 * @throws StudioError `invalid-input` of the field `listen`
 */
export function parseListen(text: string): { host: string; port: number | null } {
  const [, bracketed, rest] = /^\[([^\]]+)\](.*)$/.exec(text) ?? [];
  const colons = text.split(':').length - 1;
  const [host, tail] =
    bracketed !== undefined
      ? [bracketed, rest ?? '']
      : colons === 1
        ? [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':'))]
        : [text, ''];
  const port = tail === '' ? null : Number(tail.slice(1));
  const valid =
    (isIP(host) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host)) &&
    (port === null || (/^:\d+$/.test(tail) && port >= 1 && port <= 65_535));
  const any = host === '0.0.0.0' || host === '::';
  if (valid && !any) return { host, port };
  throw refuse(
    'listen',
    text,
    'an address or name of this machine by which workers reach it, with :PORT if it must be that one (not 0.0.0.0: a certificate names the address)',
  );
}

/**
 * Why nothing can listen there now, as a clause; null: something can.
 *
 * @param inUse whether an application that has the data directory open may be what listens there
 */
export async function listenerProblem(
  { host, port }: Pick<Listener, 'host' | 'port'>,
  inUse: boolean,
): Promise<string | null> {
  try {
    await listenOnce(host, port);
    return null;
  } catch (error) {
    return inUse && Reflect.get(Object(error), 'code') === 'EADDRINUSE' ? null : reasonOf(error);
  }
}

/** A port that nobody listens at; refuses an address that is none of this machine's. */
async function freePort(host: string): Promise<number> {
  try {
    return await listenOnce(host, 0);
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), 'code');
    if (code !== 'EADDRNOTAVAIL' && code !== 'ENOTFOUND') throw error;
    throw refuse('listen', host, 'an address or name of this machine');
  }
}

/** @returns the port, a free one for 0 */
async function listenOnce(host: string, port: number): Promise<number> {
  const server = createServer().listen({ host, port });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address === 'object' && address) return address.port;
  throw new Error('The server listens nowhere.');
}
