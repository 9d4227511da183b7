import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readFloats } from '../../../../src/main/core/artifacts/arrays';
import { encodeNpy } from '../../../../src/shared/npy';
import { temporaryFolder } from '../storage/helpers';

it('a file with a value that is not finite is refused by its name and place', async () => {
  const path = join(temporaryFolder(), 'map.npy');
  const write = (data: Float32Array) => writeFileSync(path, encodeNpy({ shape: [3], data }));
  write(Float32Array.of(1, 2, 3));
  expect([...(await readFloats(path, 'map.npy')).data]).toEqual([1, 2, 3]);
  for (const value of [NaN, Infinity, -Infinity]) {
    write(Float32Array.of(1, 2, value));
    await expect(readFloats(path, 'map.npy')).rejects.toMatchObject({
      data: { code: 'corrupt-file', message: expect.stringContaining('map.npy holds') as string },
    });
  }
});
