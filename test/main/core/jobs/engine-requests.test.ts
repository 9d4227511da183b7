import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EngineHost } from '../../../../src/main/core/engine/engine-host';
import { EngineRequests } from '../../../../src/main/core/jobs/engine-requests';
import { builtInCatalogues } from '../../../../src/shared/catalogue/catalogues';
import { type EnginePort } from '../../../../src/shared/engine';
import { encodeNpy } from '../../../../src/shared/npy';
import { coreOn } from '../core-on';
import { temporaryFolder } from '../storage/helpers';

/** Requests of an engine that writes two arrays wherever it may write. */
function open() {
  const { core } = coreOn(temporaryFolder());
  const asked: { input: Record<string, unknown>; lane: string }[] = [];
  const port: EnginePort = {
    request: async (_operation, given, { lane }) => {
      const input = given as unknown as Record<string, unknown>;
      asked.push({ input, lane });
      if (typeof input['outDir'] !== 'string') return { accuracy: 0.5, count: 4 } as never;
      const write = (name: string, value: number) =>
        writeFile(
          join(String(input['outDir']), name),
          encodeNpy({ shape: [1], data: Float32Array.of(value) }),
        );
      await write('images.npy', 1);
      await write('labels.npy', 2);
      return { files: [] } as never;
    },
    close: async () => undefined,
  };
  const engine = new EngineHost({
    catalogues: builtInCatalogues,
    measured: [],
    startEngine: () => port,
    onChange: () => undefined,
  });
  const placeOf = (dataset: string) => ({ datasetDir: `/data/${dataset}` });
  const requests = new EngineRequests({
    artifacts: core.artifacts,
    engine,
    scratch: core.scratch,
    placeOf,
  });
  return { requests, asked };
}

it('reads the arrays that were asked for in their order, and leaves no file', async () => {
  const { requests, asked } = open();
  const input = { dataset: 'mnist', split: 'train', indices: [0] } as const;
  const names = ['labels.npy', 'images.npy'] as const;
  const [labels, images] = await requests.arrays('dataset-images', input, names);
  expect([...labels.data, ...images.data]).toEqual([2, 1]);
  expect(asked).toEqual([
    {
      input: { ...input, datasetDir: '/data/mnist', outDir: expect.any(String) },
      lane: 'interactive',
    },
  ]);
  expect(existsSync(String(asked[0]?.input['outDir']))).toBe(false);
});

it('needs no folder to write in for what an operation only tells', async () => {
  const { requests, asked } = open();
  await requests.ask('dataset-summary', { dataset: 'mnist' });
  expect(asked[0]?.input).toEqual({ dataset: 'mnist', datasetDir: '/data/mnist' });
});

it('says where a dataset lies to those alone that read it', async () => {
  const { requests, asked } = open();
  const input = {
    importer: 'mnist',
    dataset: 'mnist',
    whole: { classes: 10, train: 60_000, validation: 10_000 },
    published: [],
    path: '/archive',
    subset: { classes: null, perClass: null },
  };
  await requests.collect('dataset-import', input, async () => undefined, { lane: 'batch' });
  expect(asked).toEqual([{ input: { ...input, outDir: expect.any(String) }, lane: 'batch' }]);
});
