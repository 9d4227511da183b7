import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { reasonOf, refuse, StudioError } from '../../../../shared/errors';
import { alone } from '../../storage/alone';
import { renameDurably, syncPath } from '../../storage/durable';
import { storageError } from '../../storage/storage-error';
import { listenOnce } from '../listen-once';
import { type MachinesFolder } from '../machines-folder';

const portSchema = z.int().min(1).max(65_535);
const listenerSchema = z.object({
  /** Where workers reach the application. */
  host: z.string().min(1),
  port: portSchema,
  /** Where they did before: the application may listen there until its jobs at the queue have ended. */
  movedFrom: z.object({ host: z.string(), port: portSchema }).nullable().default(null),
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
 * @throws StudioError `invalid-input` where the address is none of this machine's, or the port is taken
 */
export async function chosenPort(host: string, port: number | null): Promise<number> {
  try {
    return await listenOnce(host, port ?? 0);
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), 'code');
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw refuse('listen', host, 'an address or name of this machine');
    }
    if (port === null || (code !== 'EADDRINUSE' && code !== 'EACCES')) throw error;
    throw refuse(
      'listen',
      `${host}:${port}`,
      'a port that your user may use and at which no other program listens',
    );
  }
}

/**
 * Fix where the application listens, made of what was fixed before: whole, or not at all. Where somebody else
 * fixes another meanwhile, in whatever process, it is made anew of that one, so that none is forgotten.
 *
 * @param make gives back what was fixed where nothing is to be another
 */
export async function fixListener(
  folder: Pick<MachinesFolder, 'root' | 'listener'>,
  make: (before: Listener | null) => Promise<Listener>,
): Promise<{ readonly before: Listener | null; readonly now: Listener }> {
  for (;;) {
    const before = readListener(folder);
    const now = await make(before);
    if (now === before || replaced(folder, before, now)) return { before, now };
  }
}

/** @returns false where it is another than before meanwhile */
function replaced(
  { root, listener }: Pick<MachinesFolder, 'root' | 'listener'>,
  before: Listener | null,
  now: Listener,
): boolean {
  const part = `${listener}.${process.pid}.part`;
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    return alone(`${listener}.lock`, () => {
      if (!isDeepStrictEqual(readListener({ listener }), before)) return false;
      writeFileSync(part, `${JSON.stringify(now, null, 2)}\n`);
      syncPath(part);
      renameDurably(part, listener);
      return true;
    });
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
