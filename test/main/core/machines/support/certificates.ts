import { generate } from 'selfsigned';

export interface Certificates {
  /** PEM of the authority that signed it. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const usage = { name: 'keyUsage', critical: true } as const;

/** A certificate for names and addresses, of a new authority of its own. */
export async function certificatesFor(
  ...hosts: readonly ('localhost' | '127.0.0.1' | (string & {}))[]
): Promise<Certificates> {
  const authority = await generate([{ name: 'commonName', value: 'test authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { ...usage, keyCertSign: true, cRLSign: true },
    ],
  });
  const altNames = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? { type: 7 as const, ip: host } : { type: 2 as const, value: host },
  );
  const own = await generate([{ name: 'commonName', value: hosts[0] ?? 'nobody' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { ...usage, digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { ca: authority.cert, cert: own.cert, key: own.private };
}
