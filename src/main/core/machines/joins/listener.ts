import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, isIP } from 'node:net';
import { z } from 'zod';
import { refuse, StudioError } from '../../../../shared/errors';
import { renameDurably } from '../../storage/durable';
import { storageError } from '../../storage/storage-error';
import { type MachinesFolder } from '../machines-folder';

const listenerSchema = z.object({
  /** Where workers reach the application. */
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** A folder that all see, for files and results in place of the listener; null: there is none. */
  sharedFolder: z.string().nullable().default(null),
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

/** Fix it, with a free port where none is named. */
export async function fixListener(
  { root, listener }: Pick<MachinesFolder, 'root' | 'listener'>,
  { host, port, sharedFolder }: { host: string; port: number | null; sharedFolder: string | null },
): Promise<Listener> {
  const fixed = { host, port: port ?? (await freePort(host)), sharedFolder };
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const part = `${listener}.${randomBytes(6).toString('hex')}.part`;
    writeFileSync(part, `${JSON.stringify(fixed, null, 2)}\n`);
    renameDurably(part, listener);
  } catch (error) {
    throw storageError(error, listener);
  }
  return fixed;
}

/**
 * ADDRESS or ADDRESS:PORT as a person writes it; an IPv6 address with a port stands in brackets.
 *
 * @param field for the refusal
 */
export function parseListen(text: string, field: string): { host: string; port: number | null } {
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
    field,
    text,
    'an address or name of this machine by which workers reach it, with :PORT if it must be that one (not 0.0.0.0: a certificate names the address)',
  );
}

/** A port that nobody listens at; refuses an address that is none of this machine's. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      reject(
        Reflect.get(error, 'code') === 'EADDRNOTAVAIL' || Reflect.get(error, 'code') === 'ENOTFOUND'
          ? refuse('--listen', host, 'an address or name of this machine')
          : error,
      );
    });
    server.listen({ host, port: 0 }, () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address) resolve(address.port);
        else reject(new Error('The server listens nowhere.'));
      });
    });
  });
}
