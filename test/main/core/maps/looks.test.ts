import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MapLooks } from '../../../../src/main/core/maps/looks';
import { type StudioEvent } from '../../../../src/shared/events';
import { routes } from '../../../../src/shared/routes';
import { coreOn } from '../core-on';
import { temporaryFolder } from '../storage/helpers';
import { fileIn } from '../transfers';

type Inspect = ConstructorParameters<typeof MapLooks>[0]['mapsImport']['inspect'];

async function withLooks(inspect: Inspect) {
  const folder = temporaryFolder();
  const { core, announced } = coreOn(folder);
  let time = 0;
  const clock = { ...core.clock, monotonic: () => time };
  const looks = new MapLooks({ ...core, clock, mapsImport: { inspect } });
  const { path } = await fileIn(join(folder, 'given'), 'maps', 'maps.npy');
  const { upload } = await core.uploads.adopt(path);
  const look = (client: string, request?: string) =>
    looks.look(
      routes['methods.inspect'].input.parse({ upload, dataset: 'mnist', request }),
      client,
    );
  const told = () => announced.filter((event: StudioEvent) => event.type === 'maps.looking');
  return { look, looks, told, pass: (milliseconds: number) => (time += milliseconds) };
}

const nothing: Awaited<ReturnType<Inspect>> = {
  found: {
    ...{ array: null, arrays: [], type: 'float32', shape: [10, 28, 28] },
    ...{ brokenMaps: 0, broken: [], constantMaps: 0, constant: [] },
  },
  samples: [],
};

it('a look says how far it is, five times a second at most, to who asked by its name', async () => {
  const { look, told, pass } = await withLooks((_input, { name }, { report }) => {
    expect(name).toBe('maps.npy');
    for (let done = 0; done < 10; done += 1) {
      pass(100);
      report({ done, total: 10, unit: 'maps' });
    }
    return Promise.resolve(nothing);
  });
  await look('a', 'page.1');
  const of = { type: 'maps.looking', request: 'page.1', total: 10, unit: 'maps' };
  expect(told()).toEqual([1, 3, 5, 7, 9].map((done) => ({ ...of, done })));
  await look('a');
  expect(told()).toHaveLength(5);
});

it('a look is given up by its client, by a newer one of it, and at the end', async () => {
  const { look, looks } = await withLooks(
    (_input, _file, { signal }) =>
      new Promise((_resolve, reject) => {
        const stop = () => reject(new Error('stopped somewhere within'));
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop);
      }),
  );
  const givenUp = { data: { code: 'cancelled', message: 'The look at the maps was given up.' } };
  const [first, other] = [look('a'), look('b')];
  const second = look('a');
  await expect(first).rejects.toMatchObject(givenUp);
  looks.cancel('a');
  await expect(second).rejects.toMatchObject(givenUp);
  looks.cancel('nobody');
  looks.close();
  await expect(other).rejects.toMatchObject(givenUp);
});
