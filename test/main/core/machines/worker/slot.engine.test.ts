import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { stored, workOrder } from '../../../../../src/main/core/jobs/item-spec';
import { Arrivals } from '../../../../../src/main/core/machines/transport/arrivals';
import { type Exchange } from '../../../../../src/main/core/machines/transport/exchange';
import { SharedFolderExchange } from '../../../../../src/main/core/machines/transport/shared-folder';
import { type WorkChain } from '../../../../../src/main/core/machines/work-chain';
import { Slot } from '../../../../../src/main/core/machines/worker/slot';
import { WorkerStore } from '../../../../../src/main/core/machines/worker/store';
import { valueAt } from '../../../../../src/shared/checked-reads';
import { recipeSchema } from '../../../../../src/shared/catalogue/training';
import { StudioError } from '../../../../../src/shared/errors';
import { writeCifar10 } from '../../../../fixtures/cifar10';
import { code, mnist, readNpy, realEngine, temporaryFolder } from '../../../engine-process/helpers';
import { type FolderExchange, folderExchange } from '../folder-exchange';
import { chainOf, epochs, offered, offeredMnist, weightsKey } from './chains';

const never = new AbortController().signal;

async function storeIn(root: string, limit = 1 << 30): Promise<WorkerStore> {
  const store = await WorkerStore.open({ root, limit });
  onTestFinished(() => store.close());
  return store;
}

function contentOf(exchange: FolderExchange, chain: WorkChain, order: number): string[] {
  const result = exchange.read(valueAt(chain.orders, order).request);
  if (result?.kind !== 'done') throw new Error(`order ${order} is not done`);
  return result.files.map(({ name, sha256 }) => {
    const bytes = readFileSync(exchange.path(sha256));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    return `${name} ${sha256}`;
  });
}

describe('a slot', () => {
  const engine = realEngine();
  afterAll(() => engine.close());

  const slotWith = async (exchange: FolderExchange, store?: WorkerStore, worker = 'one') =>
    new Slot(
      { engine, exchange, store: store ?? (await storeIn(temporaryFolder())) },
      { worker, slot: 0 },
    );
  const quiet = () => undefined;
  const context = { signal: never, report: quiet, did: quiet };

  it('sends a file again that went with another result before its own was put', async () => {
    const offered = folderExchange(temporaryFolder());
    const folder = temporaryFolder();
    const shared = new SharedFolderExchange(folder, offered);
    const arrivals = new Arrivals(folder);
    let [puts, lost] = [0, 0];
    const exchange: Exchange = {
      fetchBlob: (blob, file, options) => shared.fetchBlob(blob, file, options),
      putBlob: (blob, file) => shared.putBlob(blob, file),
      result: (request) => shared.result(request),
      putResult: async (request, result) => {
        puts += 1;
        if (puts === 1 && result.kind === 'done') {
          for (const { sha256 } of result.files) {
            rmSync(arrivals.blob(sha256));
            lost += 1;
          }
        }
        await shared.putResult(request, result);
      },
    };
    const dataset = offeredMnist(offered);
    const chain = chainOf(dataset, epochs(dataset, 1));
    const slot = new Slot(
      { engine, exchange, store: await storeIn(temporaryFolder()) },
      { worker: 'one', slot: 0 },
    );
    expect(await slot.run(chain, context)).toEqual({ done: 1, known: 0, refused: null });
    expect([puts, lost]).toEqual([2, 2]);
    expect(await arrivals.result(valueAt(chain.orders, 0).request)).toMatchObject({ kind: 'done' });
  });

  it('trains the epochs of a chain, each from the one before, as the engine alone does', async () => {
    const exchange = folderExchange(temporaryFolder());
    const dataset = offeredMnist(exchange);
    const orders = epochs(dataset, 2);
    const chain = chainOf(dataset, orders);
    const reports: unknown[] = [];
    const took: number[] = [];
    const end = await (
      await slotWith(exchange)
    ).run(chain, {
      signal: never,
      report: (progress) => reports.push(progress),
      did: (seconds) => took.push(seconds),
    });
    expect(end).toEqual({ done: 2, known: 0, refused: null });
    expect(took).toHaveLength(2);
    expect(reports[0]).toMatchObject({ worker: 'one', unit: 'images' });

    const [first, second] = [temporaryFolder(), temporaryFolder()];
    const { recipe } = valueAt(orders, 0).input as { recipe: object };
    const input = {
      ...mnist,
      recipe: recipe as { architecture: string },
      removal: {},
      removalSeed: 0,
    };
    await engine.request(
      'train-epoch',
      { ...input, epoch: 0, checkpoint: null, outDir: first },
      { lane: 'batch' },
    );
    const checkpoint = {
      model: join(first, 'model.safetensors'),
      optimiser: join(first, 'optimiser.safetensors'),
    };
    const made = await engine.request(
      'train-epoch',
      { ...input, epoch: 1, checkpoint, outDir: second },
      { lane: 'batch' },
    );
    expect(contentOf(exchange, chain, 1)).toEqual(
      made.files.map(({ name, sha256 }) => `${name} ${sha256}`),
    );
  });

  it('starts from the weights of a recipe, which come as any other file', async () => {
    const exchange = folderExchange(temporaryFolder());
    const dataset = offeredMnist(exchange);
    const [order] = epochs(dataset, 1, { trainLimit: 100 });
    const first = chainOf(dataset, order ? [order] : []);
    const slot = await slotWith(exchange);
    await slot.run(first, context);
    const result = exchange.read(valueAt(first.orders, 0).request);
    const files = result?.kind === 'done' ? result.files : [];
    const { sha256, bytes } = valueAt(files, 0);
    // Steps of no length: what comes of it is what it started from.
    const still = { optimiser: 'sgd', learningRate: 1e-38, trainLimit: 100, seed: 2 } as const;
    const recipe = recipeSchema.parse({
      ...{ architecture: 'mnist-cnn', epochs: 1, ...still },
      init: { weights: sha256, head: 'keep' },
    });
    const tuned = workOrder(
      'train-epoch',
      dataset,
      {
        ...{ recipe, removal: {}, removalSeed: 0, epoch: 0, checkpoint: null },
        initial: stored(weightsKey(7)),
      },
      [{ file: 'model.safetensors', kind: 'weights', key: weightsKey(8) }],
    );
    const blobs = [{ key: weightsKey(7), sha256, bytes }];
    const chain = chainOf(dataset, [tuned], { blobs });
    expect(await slot.run(chain, context)).toMatchObject({ done: 1, refused: null });
    expect(contentOf(exchange, chain, 0)).toEqual([`model.safetensors ${sha256}`]);
  });

  /** Two epochs, whose exchange does something before it takes a result, and what happened in order. */
  async function twoEpochs(before: (request: string) => Promise<void>) {
    const exchange = folderExchange(temporaryFolder());
    const dataset = offeredMnist(exchange);
    const chain = chainOf(dataset, epochs(dataset, 2));
    const happened: string[] = [];
    const slot = new Slot(
      {
        engine: {
          async request(operation, input, options) {
            happened.push('begun');
            return engine.request(operation, input, options);
          },
        },
        exchange: {
          fetchBlob: (blob, file, options) => exchange.fetchBlob(blob, file, options),
          putBlob: (blob, file, options) => exchange.putBlob(blob, file, options),
          result: (request, options) => exchange.result(request, options),
          async putResult(request, result, options) {
            await before(request);
            await exchange.putResult(request, result, options);
            happened.push('put');
          },
        },
        store: await storeIn(temporaryFolder()),
      },
      { worker: 'one', slot: 0 },
    );
    return { chain, happened, slot };
  }

  it('sends what an order made while the engine is at the next', async () => {
    const begun = Promise.withResolvers<undefined>();
    const { chain, happened, slot } = await twoEpochs(async () => {
      await begun.promise;
    });
    const report = () => {
      if (happened.length === 2) begun.resolve(undefined);
    };
    await slot.run(chain, { signal: never, report, did: quiet });
    expect(happened).toEqual(['begun', 'begun', 'put', 'put']);
  });

  it('stops at the next where what came before it cannot be sent', async () => {
    const refused = new StudioError({ code: 'forbidden', message: 'The join was revoked.' });
    const { chain, happened, slot } = await twoEpochs(async () => Promise.reject(refused));
    await expect(slot.run(chain, context)).rejects.toBe(refused);
    expect(happened).not.toContain('put');
  });

  it('begins where others stopped, with their files', async () => {
    const exchange = folderExchange(temporaryFolder());
    const dataset = offeredMnist(exchange);
    const orders = epochs(dataset, 2);
    const whole = chainOf(dataset, orders);
    await (await slotWith(exchange)).run(chainOf(dataset, orders.slice(0, 1)), context);
    const [before] = contentOf(exchange, whole, 0);
    exchange.calls.length = 0;
    const end = await (await slotWith(exchange, undefined, 'two')).run(whole, context);
    expect(end).toEqual({ done: 1, known: 1, refused: null });
    expect(exchange.calls).toContain(`fetch ${before?.split(' ')[1]}`);
    exchange.calls.length = 0;
    const again = await (await slotWith(exchange, undefined, 'three')).run(whole, context);
    expect(again).toEqual({ done: 0, known: 2, refused: null });
    expect(exchange.calls).toEqual([]);
  });

  it('makes maps of a model that it is sent, of an imported dataset', async () => {
    const exchange = folderExchange(temporaryFolder());
    const folder = temporaryFolder();
    const cifar = await writeCifar10(temporaryFolder());
    await engine.request(
      'dataset-import',
      {
        importer: 'cifar10',
        dataset: 'mine',
        whole: { classes: 10, train: 1, validation: 1 },
        published: [],
        path: cifar,
        subset: { classes: null, perClass: null },
        outDir: folder,
      },
      { lane: 'batch' },
    );
    const dataset = offered(exchange, 'mine', folder);
    expect(dataset.files).toHaveLength(5);
    const train = workOrder(
      'train-epoch',
      dataset,
      {
        recipe: { architecture: 'resnet18', trainLimit: 20, epochs: 1 },
        removal: {},
        removalSeed: 0,
        epoch: 0,
        checkpoint: null,
      },
      [{ file: 'model.safetensors', kind: 'weights', key: weightsKey(0) }],
    );
    const maps = workOrder(
      'maps',
      dataset,
      {
        model: stored(weightsKey(0)),
        split: 'validation',
        indices: [0, 3],
        composition: 'gradient',
        parameters: {},
        seed: 0,
      } as never,
      [{ file: 'map.npy', kind: 'map', key: weightsKey(9) }],
    );
    const chain = chainOf(dataset, [train, maps]);
    const end = await (await slotWith(exchange)).run(chain, context);
    expect(end).toEqual({ done: 2, known: 0, refused: null });
    const [name] = contentOf(exchange, chain, 1);
    const sha256 = name?.split(' ')[1] ?? '';
    const made = [{ name: sha256, sha256, bytes: 0 }];
    expect(readNpy(exchange.path('.'), made, sha256).shape).toEqual([2, 32, 32, 3]);
  });

  it('puts the engine’s refusal as what came of an order, and leaves those after it', async () => {
    const exchange = folderExchange(temporaryFolder());
    const dataset = offeredMnist(exchange);
    const [first, second] = epochs(dataset, 2);
    if (!first || !second) throw new RangeError();
    const wrong = { ...first, input: { ...first.input, epoch: 1 } } as typeof first;
    const chain = chainOf(dataset, [wrong, second]);
    const end = await (await slotWith(exchange)).run(chain, context);
    expect(end.refused).toMatch(/checkpoint/);
    expect(exchange.read(valueAt(chain.orders, 0).request)).toMatchObject({
      kind: 'refused',
      worker: 'one',
      error: { code: 'invalid-input', field: 'checkpoint' },
    });
    expect(exchange.read(valueAt(chain.orders, 1).request)).toBeNull();
  });

  it('reads nothing of its own machine, whatever a chain names', async () => {
    const exchange = folderExchange(temporaryFolder());
    const dataset = offeredMnist(exchange);
    const secret = join(temporaryFolder(), 'secret');
    writeFileSync(secret, 'secret');
    const images = { split: 'validation', indices: [0], parameters: {}, seed: 0 } as const;
    const order = (operation: 'maps' | 'import-model' | 'probe', model: unknown) =>
      chainOf(dataset, [
        workOrder(operation, dataset, { ...images, composition: 'gradient', model } as never),
      ]);
    const slot = await slotWith(exchange);
    for (const chain of [
      order('maps', secret),
      order('maps', { $artifact: '../../secret' }),
      order('maps', { $artifact: weightsKey(5) }),
      order('import-model', secret),
      order('probe', null),
    ]) {
      const { refused } = await slot.run(chain, context);
      expect(refused).toMatch(/accepted|by the keys/);
    }
  });

  it('stops within two seconds when it is told to', async () => {
    const exchange = folderExchange(temporaryFolder());
    const dataset = offeredMnist(exchange);
    const controller = new AbortController();
    let stoppedAt = Number.POSITIVE_INFINITY;
    const running = (await slotWith(exchange)).run(
      chainOf(dataset, epochs(dataset, 3, { trainLimit: 50_000 })),
      {
        signal: controller.signal,
        did: quiet,
        report: () => {
          stoppedAt = performance.now();
          controller.abort(new StudioError({ code: 'cancelled', message: 'Cancelled.' }));
        },
      },
    );
    await expect(running).rejects.toEqual(code('cancelled'));
    expect(performance.now() - stoppedAt).toBeLessThan(2000);
  });

  it('gives a chain back where its store has no room', async () => {
    const exchange = folderExchange(temporaryFolder());
    const dataset = offeredMnist(exchange);
    const slot = await slotWith(exchange, await storeIn(temporaryFolder(), 1_000_000));
    const chain = chainOf(dataset, epochs(dataset, 1));
    await expect(slot.run(chain, context)).rejects.toEqual(code('disk-full'));
    expect(exchange.read(valueAt(chain.orders, 0).request)).toBeNull();
  });
});
