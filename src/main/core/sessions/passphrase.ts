import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost of one guess: 32 MiB and about a tenth of a second (RFC 7914). */
const cost = { N: 2 ** 15, r: 8, p: 1 };
const length = 32;

/** A hash to be stored: the salt and the scrypt key, with the cost that made it. */
export async function hashPassphrase(passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(passphrase, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('hex'), key.toString('hex')].join('$');
}

/** Whether the passphrase made this hash; compared in a time that tells nothing. */
export async function passphraseFits(passphrase: string, stored: string): Promise<boolean> {
  const [kind, N, r, p, salt, key] = stored.split('$');
  if (kind !== 'scrypt' || salt === undefined || key === undefined) return false;
  const expected = Buffer.from(key, 'hex');
  if (expected.length !== length) return false;
  const given = await derive(passphrase, Buffer.from(salt, 'hex'), {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  });
  return timingSafeEqual(given, expected);
}

function derive(passphrase: string, salt: Buffer, { N, r, p }: typeof cost): Promise<Buffer> {
  // The same letters typed on two keyboards may differ in their code points.
  const text = passphrase.normalize('NFC');
  const maxmem = 256 * N * r;
  return new Promise((resolve, reject) => {
    scrypt(text, salt, length, { N, r, p, maxmem }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
