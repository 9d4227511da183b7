import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { artifactKey } from '../../../../../src/main/core/artifacts/artifacts';
import { EngineHost } from '../../../../../src/main/core/engine/engine-host';
import { EngineRequests } from '../../../../../src/main/core/jobs/engine-requests';
import { localExecutor } from '../../../../../src/main/core/jobs/executors/local';
import { stored, workOrder } from '../../../../../src/main/core/jobs/item-spec';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import { type EnginePort } from '../../../../../src/shared/engine';
import { trainingRemovalSchema } from '../../../../../src/shared/catalogue/training';
import { coreOn } from '../../core-on';
import { temporaryFolder } from '../../storage/helpers';

interface Asked {
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly lane: string;
}

const written = Buffer.from('scores');

/** An executor on a real store, whose engine writes one file, or what it is told to do instead. */
function open(instead?: (asked: Asked) => unknown) {
  const { core } = coreOn(temporaryFolder());
  const asked: Asked[] = [];
  const port: EnginePort = {
    request: async (operation, given, { lane, report }) => {
      const input = given as unknown as Record<string, unknown>;
      asked.push({ operation, input, lane });
      report?.({ done: 1, total: 2, unit: 'images' });
      const answer = instead?.({ operation, input, lane });
      if (answer !== undefined) return answer as never;
      await writeFile(join(String(input['outDir']), 'scores.npy'), written);
      const sha256 = createHash('sha256').update(written).digest('hex');
      return { files: [{ name: 'scores.npy', sha256, bytes: written.length }] } as never;
    },
    close: async () => undefined,
  };
  const engine = new EngineHost({
    catalogues: builtInCatalogues,
    measured: [],
    startEngine: () => port,
    onChange: () => undefined,
  });
  const requests = new EngineRequests({
    artifacts: core.artifacts,
    engine,
    scratch: core.scratch,
    placeOf: (dataset) => ({ datasetDir: `/data/${dataset}` }),
  });
  const executor = localExecutor(requests);
  const reported: number[] = [];
  const context = {
    signal: new AbortController().signal,
    report: ({ done }: { done: number }) => void reported.push(done),
    begun: () => undefined,
    waits: () => undefined,
    took: () => undefined,
    expected: null,
  };
  const put = (name: string) => {
    const key = artifactKey('map', { name });
    return core.artifacts.put({ bytes: Buffer.from(name), kind: 'map', key });
  };
  const place = executor.open('job', () => Promise.resolve([]), 'a spec');
  return { core, place, asked, reported, context, put };
}

/** By its content, so that another place of work can tell whether it has the same. */
const mnist = { dataset: 'mnist', files: [{ name: 'train.images', sha256: '5a' }] };

const scoring = (model: string, maps: readonly string[]) =>
  workOrder('score', mnist, {
    split: 'validation',
    indices: [3, 1],
    model: stored(model),
    level: 0.5,
    fill: 'image-mean',
    reduction: 'absolute',
    seed: 0,
    maps: maps.map(stored),
    methods: ['One', 'Two'],
  });

it('tells the engine where artifacts and the dataset are, and leaves the rest as it is', async () => {
  const { core, place, asked, reported, context, put } = open();
  const [model, one, two] = [await put('model'), await put('one'), await put('two')];
  let file = '';
  const output = await place.execute(
    scoring(model.key, [one.key, two.key]),
    context,
    async ({ folder, files }) => {
      expect(files.map(({ name }) => name)).toEqual(['scores.npy']);
      file = join(folder, 'scores.npy');
      expect(await readFile(file)).toEqual(written);
    },
  );
  expect(output.files).toHaveLength(1);
  // What is not taken goes with its folder.
  expect(existsSync(file)).toBe(false);
  const at = async (key: string) => core.artifacts.open(key);
  expect(asked).toEqual([
    {
      operation: 'score',
      lane: 'batch',
      input: {
        dataset: 'mnist',
        datasetDir: '/data/mnist',
        split: 'validation',
        indices: [3, 1],
        model: await at(model.key),
        level: 0.5,
        fill: 'image-mean',
        reduction: 'absolute',
        seed: 0,
        maps: [await at(one.key), await at(two.key)],
        methods: ['One', 'Two'],
        outDir: expect.any(String),
      },
    },
  ]);
  expect(reported).toEqual([1]);
});

it('passes on what an operation answers that writes nothing', async () => {
  const { place, context, put } = open(() => ({ accuracy: 0.5, count: 2 }));
  const model = await put('model');
  const order = workOrder('evaluate', mnist, {
    model: stored(model.key),
    split: 'validation',
    removal: trainingRemovalSchema.parse({}),
    removalSeed: 0,
  });
  const taken: number[] = [];
  const { accuracy } = await place.execute(
    order,
    context,
    async ({ files }) => void taken.push(files.length),
  );
  expect(accuracy).toBe(0.5);
  expect(taken).toEqual([0]);
});

it('asks for nothing where an artifact is missing, and passes on what the engine refuses', async () => {
  const { place, asked, context, put } = open(() => {
    throw new Error('refused');
  });
  const model = await put('model');
  const take = async () => undefined;
  await expect(
    place.execute(scoring(artifactKey('map', {}), []), context, take),
  ).rejects.toMatchObject({ data: { code: 'not-found' } });
  expect(asked).toEqual([]);
  await expect(place.execute(scoring(model.key, []), context, take)).rejects.toThrow('refused');
});

it('takes no setting for a reference, whatever it is called', async () => {
  const { place, asked, context, put } = open();
  const model = await put('model');
  const parameters = { artifact: 1 };
  const order = workOrder('measure', mnist, {
    split: 'validation',
    indices: [0],
    model: stored(model.key),
    metric: 'any',
    parameters,
    levels: [0],
    fill: 'image-mean',
    reduction: 'absolute',
    seed: 0,
    maps: [],
    methods: [],
  });
  await place.execute(order, context, async () => undefined);
  expect(asked).toMatchObject([{ input: { parameters } }]);
});
