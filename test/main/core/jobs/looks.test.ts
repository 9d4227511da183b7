import { expect, it } from 'vitest';
import { Looks } from '../../../../src/main/core/jobs/looks';

/** Work that ends as its signal does. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')));
  });

it('is one at a time of each client, and ends where it is given up', async () => {
  const looks = new Looks('file');
  const given = expect(looks.alone('a', untilAborted)).rejects.toMatchObject({
    data: { code: 'cancelled', message: 'The look at the file was given up.' },
  });
  const others = looks.alone('b', async (signal) => {
    await Promise.resolve();
    return signal.aborted;
  });
  expect(await looks.alone('a', async () => 'seen')).toBe('seen');
  await given;
  expect(await others).toBe(false);
  const cancelled = expect(looks.alone('a', untilAborted)).rejects.toThrow('given up');
  looks.cancel('b');
  looks.cancel('a');
  await cancelled;
  const closed = expect(looks.alone('c', untilAborted)).rejects.toThrow('given up');
  const closing = looks.close();
  await Promise.all([closed, closing]);
  // What fails by itself is told as it is.
  await expect(looks.alone('a', () => Promise.reject(new Error('no file')))).rejects.toThrow(
    'no file',
  );
});
