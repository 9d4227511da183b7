import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Arrivals } from '../../../../../src/main/core/machines/transport/arrivals';
import { temporaryFolder } from '../../storage/helpers';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

/** Brings chunks and then breaks off, as a connection does. */
function breaking(content: Uint8Array): Readable {
  return Readable.from(
    (async function* () {
      yield Buffer.from(content);
      throw new Error('cut');
    })(),
    { objectMode: false },
  );
}

it('puts a file together alike wherever its transfers were cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      fc.array(fc.nat(400), { maxLength: 6 }),
      async (content, cuts) => {
        const arrivals = new Arrivals(temporaryFolder());
        const name = sha256(content);
        for (const cut of cuts) {
          const from = (await arrivals.held(name))?.bytes ?? 0;
          const end = Math.min(content.length - 1, Math.max(from, cut));
          await arrivals
            .receive(name, content.length, from, breaking(content.subarray(from, end)))
            .catch(() => undefined);
        }
        const from = (await arrivals.held(name))?.bytes ?? 0;
        const rest = Readable.from([Buffer.from(content.subarray(from))]);
        await arrivals.receive(name, content.length, from, rest);
        expect(new Uint8Array(await readFile(arrivals.blob(name)))).toEqual(content);
        expect(await arrivals.held(name)).toEqual({ bytes: content.length, whole: true });
      },
    ),
    { numRuns: 40 },
  );
});

it('takes one stream of a file at a time, from where its part ends', async () => {
  const arrivals = new Arrivals(temporaryFolder());
  const content = Buffer.from('0123456789');
  const name = sha256(content);
  const slow = new Readable({ read: () => undefined });
  const first = arrivals.receive(name, 10, 0, slow);
  await expect(arrivals.receive(name, 10, 0, Readable.from([content]))).rejects.toMatchObject({
    data: { code: 'busy' },
  });
  slow.push(content.subarray(0, 4));
  slow.push(null);
  await first;
  // A worker asks again how much is there where it is told `busy`, and gives up where told `conflict`.
  await expect(arrivals.receive(name, 10, 2, Readable.from([content]))).rejects.toMatchObject({
    data: { code: 'busy', message: expect.stringContaining('Of the file there are 4 bytes') },
  });
  await arrivals.receive(name, 10, 4, Readable.from([content.subarray(4)]));
  expect((await arrivals.held(name))?.whole).toBe(true);
});

it('makes no path of anything but a hash', async () => {
  const arrivals = new Arrivals(temporaryFolder());
  for (const name of ['../studio.sqlite', '', 'a'.repeat(63), `/${'a'.repeat(64)}`]) {
    await expect((async () => arrivals.blob(name))()).rejects.toThrow();
    await expect(arrivals.result(name)).rejects.toThrow();
  }
});
