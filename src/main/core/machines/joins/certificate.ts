import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
 * made where they are missing, for another address or about to end.
 */
export async function certificateFor(
  { tls }: Pick<MachinesFolder, 'tls'>,
  host: string,
  now: Date,
): Promise<Certificate> {
  const authority =
    pair(tls, 'authority', now, () => true) ??
    keep(
      tls,
      'authority',
      await made('Saliency Studio, this data directory', lasts.authority, now, {
        extensions: [
          { name: 'basicConstraints', cA: true, critical: true },
          { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
        ],
      }),
    );
  const own =
    pair(tls, 'listener', now, (certificate) => fits(certificate, host, authority.cert)) ??
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
  return { key, cert };
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
  try {
    const [key, cert] = [read(folder, `${name}.key`), read(folder, `${name}.crt`)];
    const certificate = new X509Certificate(cert);
    // Two files: whoever was killed between them left a key of one and a certificate of another.
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return null;
    const left = new Date(certificate.validTo).getTime() - now.getTime();
    return left > renewed * day && fit(certificate) ? { key, cert } : null;
  } catch {
    return null;
  }
}

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');

function keep(folder: string, name: string, { key, cert }: Pair): Pair {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [file, content] of [
      [`${name}.key`, key],
      [`${name}.crt`, cert],
    ] as const) {
      const path = join(folder, file);
      writeFileSync(`${path}.part`, content, { mode: 0o600 });
      syncPath(`${path}.part`);
      renameDurably(`${path}.part`, path);
    }
  } catch (error) {
    throw storageError(error, folder);
  }
  return { key, cert };
}
