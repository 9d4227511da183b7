import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { generate } from 'selfsigned';
import { renameDurably, syncPath } from '../../storage/durable';
import { storageError } from '../../storage/storage-error';
import { type MachinesFolder } from '../machines-folder';

/** A certificate with its key, and the authority by which workers know it; PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

const day = 24 * 3_600_000;
/** Days that the authority lasts, on which join files rest, and the certificate, which is made anew. */
const lasts = { authority: 3650, certificate: 397 };
/** Days before its end at which it is made anew. */
const renewed = 30;

/**
 * The application's own authority and a certificate of it for the address at which workers reach it,
 * made where they are missing, for another address or about to end. Whoever asks at the same time, in
 * whatever process, gets the same authority.
 *
 * @throws StudioError where they are there and cannot be read: an authority made anew would be none to
 *   the workers that know the other
 */
export async function certificateFor(
  { tls }: Pick<MachinesFolder, 'tls'>,
  host: string,
  now: Date,
): Promise<Certificate> {
  const knownAuthority = () => pair(tls, 'authority', now, () => true);
  const authority =
    knownAuthority() ??
    keep(
      tls,
      'authority',
      await made('Saliency Studio, this data directory', lasts.authority, now, {
        extensions: [
          { name: 'basicConstraints', cA: true, critical: true },
          { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
        ],
      }),
      knownAuthority,
    );
  const known = () =>
    pair(tls, 'listener', now, (certificate) => fits(certificate, host, authority.cert));
  const own =
    known() ??
    keep(
      tls,
      'listener',
      await made(host, lasts.certificate, now, {
        ca: { key: authority.key, cert: authority.cert },
        extensions: [
          { name: 'basicConstraints', cA: false },
          { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
          { name: 'extKeyUsage', serverAuth: true },
          {
            name: 'subjectAltName',
            altNames: [isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host }],
          },
        ],
      }),
      known,
    );
  return { key: own.key, cert: own.cert, ca: authority.cert };
}

interface Pair {
  readonly key: string;
  readonly cert: string;
}

type Options = NonNullable<Parameters<typeof generate>[1]>;

/** Loaded only where a certificate is made. */
async function made(
  name: string,
  days: number,
  now: Date,
  options: Pick<Options, 'extensions' | 'ca'>,
): Promise<Pair> {
  const selfsigned = await import('selfsigned');
  const { private: key, cert } = await selfsigned.generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // Clocks of other machines may be a little behind.
    notBeforeDate: new Date(now.getTime() - day),
    notAfterDate: new Date(now.getTime() + days * day),
    ...options,
  });
  return { key: withEnd(key), cert: withEnd(cert) };
}

function fits(certificate: X509Certificate, host: string, authority: string): boolean {
  const named = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  return named !== undefined && certificate.verify(new X509Certificate(authority).publicKey);
}

/** The stored pair; null where it is missing, does not fit or ends soon. */
function pair(
  folder: string,
  name: string,
  now: Date,
  fit: (certificate: X509Certificate) => boolean,
): Pair | null {
  const text = read(join(folder, `${name}.pem`));
  if (text === null) return null;
  try {
    const [key = '', cert = ''] =
      text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/g) ?? [];
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return null;
    const left = new Date(certificate.validTo).getTime() - now.getTime();
    return left > renewed * day && fit(certificate) ? { key, cert } : null;
  } catch {
    return null;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return null;
    throw storageError(error, path);
  }
}

/**
 * Key and certificate are one file, so that they are always of one making.
 *
 * @param usable what is there now: where another process was first, that one's counts
 */
function keep(folder: string, name: string, { key, cert }: Pair, usable: () => Pair | null): Pair {
  const path = join(folder, `${name}.pem`);
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(part, `${key}${cert}`, { mode: 0o600, flag: 'wx' });
    syncPath(part);
    try {
      // Unlike a rename, a link never takes another's place.
      linkSync(part, path);
      syncPath(folder);
      return { key, cert };
    } catch (error) {
      if (!(error instanceof Error && Reflect.get(error, 'code') === 'EEXIST')) throw error;
    }
    const first = usable();
    if (first) return first;
    renameDurably(part, path);
    return usable() ?? { key, cert };
  } catch (error) {
    throw storageError(error, folder);
  } finally {
    rmSync(part, { force: true });
  }
}

/** One line's end, as it is read back. */
const withEnd = (pem: string): string => `${pem.trim().replaceAll('\r\n', '\n')}\n`;
