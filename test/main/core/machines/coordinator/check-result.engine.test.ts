import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChildEngine } from '../../../../../src/main/core/engine/child-process-engine';
import { type OrderInput, workOrder } from '../../../../../src/main/core/jobs/item-spec';
import { checkResult } from '../../../../../src/main/core/machines/coordinator/check-result';
import { type DatasetForm } from '../../../../../src/main/core/machines/coordinator/expected-files';
import {
  type EngineFile,
  type EngineOperation,
  type EngineOutput,
  type EngineRequest,
} from '../../../../../src/shared/engine';
import { writeCifar10 } from '../../../../fixtures/cifar10';
import { recipeSchema } from '../../../../../src/shared/catalogue/training';
import { sightOf } from '../../../../../src/shared/model-input';
import { standInCatalogues } from '../../../../fixtures/stand-ins/catalogues';
import { centreDescriptor } from '../../../../fixtures/stand-ins/metric';
import { mnist, realEngine, temporaryFolder } from '../../../engine-process/helpers';
import { bundle } from '../../jobs/bundle';

const key = 'a'.repeat(64);
const batch = { lane: 'batch' } as const;
/** What of what an operation writes is stored. */
const kinds = {
  'model.safetensors': 'weights',
  'optimiser.safetensors': 'optimiser',
  'map.npy': 'map',
  'orders.npy': 'order',
  'scores.npy': 'score',
  'tied.npy': 'tied',
  'values.npy': 'score',
  'images.npy': 'images',
} as const;

/** A dataset as the engine and the coordinator know it. */
interface Site {
  readonly place: { readonly dataset: string; readonly datasetDir: string };
  readonly form: DatasetForm;
}

describe('what an honest worker sends, of every operation', () => {
  let built: Awaited<ReturnType<typeof bundle>>;
  let engine: ChildEngine;
  const folder = mkdtempSync(join(tmpdir(), 'saliency-studio-'));

  beforeAll(async () => {
    built = await bundle({ engine: 'test/fixtures/stand-ins/engine.ts' });
    engine = realEngine({ entry: join(built.folder, 'engine.js') });
  });
  afterAll(async () => {
    await engine.close();
    await built.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Has the engine do it as a worker does, and takes it as the coordinator does. */
  async function taken<K extends EngineOperation>(
    { place, form }: Site,
    operation: K,
    input: OrderInput<K>,
  ): Promise<{ outDir: string; answer: EngineOutput<K> }> {
    const outDir = temporaryFolder();
    const asked = Object.assign({}, input, place, { outDir }) as unknown as EngineRequest<K>;
    const output = await engine.request(operation, asked, batch);
    const made = ('files' in output ? output.files : []) as EngineFile[];
    const files = made.filter(({ name }) => name in kinds);
    const outputs = files.map(({ name }) => {
      return { file: name, kind: kinds[name as keyof typeof kinds], key };
    });
    const order = workOrder(operation, { dataset: place.dataset, files: [] }, input, outputs);
    const answer = await checkResult(
      { ...standInCatalogues, datasetForm: async () => form },
      order,
      { kind: 'done', worker: 'desk@host-1', seconds: 1, output, files },
      (sha256) => join(outDir, files.find((file) => file.sha256 === sha256)?.name ?? ''),
    );
    expect(answer).toMatchObject({ ...output, ...('files' in output ? { files } : {}) });
    return { outDir, answer };
  }

  async function all(
    site: Site,
    recipe: OrderInput<'train-epoch'>['recipe'],
    compositions: readonly string[],
  ): Promise<void> {
    const epoch = { recipe, removal: { level: 0.5 }, removalSeed: 1 };
    const first = await taken(site, 'train-epoch', { ...epoch, epoch: 0, checkpoint: null });
    const [model, optimiser] = ['model', 'optimiser'].map((name) =>
      join(first.outDir, `${name}.safetensors`),
    ) as [string, string];
    await taken(site, 'train-epoch', { ...epoch, epoch: 1, checkpoint: { model, optimiser } });
    for (const choice of [null, { count: 7, seed: 1 }, { count: 1e6, seed: 1 }]) {
      const evaluated = {
        model,
        split: 'validation' as const,
        choice,
        removal: {},
        removalSeed: 0,
      };
      await taken(site, 'evaluate', evaluated);
    }
    const sight = sightOf(recipeSchema.parse(recipe));
    const images = { model, split: 'validation' as const, indices: [3, 0, 5] };
    const maps: string[] = [];
    const ranked = { ...images, ...(sight && { sight }), parameters: { n: 2, steps: 3 }, seed: 1 };
    for (const composition of compositions) {
      const made = await taken(site, 'maps', { ...ranked, composition });
      maps.push(join(made.outDir, 'map.npy'));
      await taken(site, 'pixel-orders', { ...ranked, composition, reduction: 'absolute' });
    }
    const removal = {
      fill: 'image-mean' as const,
      reduction: 'absolute' as const,
      seed: 0,
      maps,
      methods: [...compositions],
    };
    for (const level of [0, 0.9, 1]) await taken(site, 'score', { ...images, ...removal, level });
    await taken(site, 'measure', {
      ...images,
      ...removal,
      metric: centreDescriptor.id,
      parameters: { side: 14 },
      levels: [0],
    });
  }

  const few = { trainLimit: 60, epochs: 2 };

  it('is taken, of the paper’s network on grey images', async () => {
    const form: DatasetForm = {
      shape: [28, 28, 1],
      classes: 10,
      train: 60_000,
      validation: 10_000,
    };
    const recipe = { architecture: 'mnist-cnn', ...few };
    await all({ place: mnist, form }, recipe, ['integrate(smooth(gradient))', 'random']);
  });

  it('is taken, of what a network sees of images, whose last layer alone is trained', async () => {
    const form: DatasetForm = {
      shape: [28, 28, 1],
      classes: 10,
      train: 60_000,
      validation: 10_000,
    };
    const recipe = { architecture: 'mnist-cnn', resize: 32, crop: 16, ...few };
    const site = { place: mnist, form };
    const epoch = { removal: {}, removalSeed: 1, epoch: 0, checkpoint: null };
    const first = await taken(site, 'train-epoch', { ...epoch, recipe });
    const initial = join(first.outDir, 'model.safetensors');
    const init = { weights: '0'.repeat(64), layers: 'last' } as const;
    await taken(site, 'train-epoch', { ...epoch, recipe: { ...recipe, init }, initial });
    await all(site, recipe, ['gradient', 'sobel']);
  });

  it.each([
    [{ architecture: 'resnet18', optimiser: 'sgd' as const, ...few }, ['smooth(guided)', 'sobel']],
    [
      { architecture: 'small-residual', options: { width: 'wide' }, ...few },
      ['occluded', 'stripes'],
    ],
  ])('is taken, of $architecture on coloured images', async (recipe, compositions) => {
    const outDir = temporaryFolder();
    await engine.request(
      'dataset-import',
      {
        importer: 'cifar10',
        dataset: 'mine',
        whole: { classes: 10, train: 1, validation: 1 },
        published: [],
        path: await writeCifar10(temporaryFolder()),
        subset: { classes: null, perClass: null },
        outDir,
      },
      batch,
    );
    const place = { dataset: 'mine', datasetDir: outDir };
    const { train, validation } = await engine.request('dataset-summary', place, batch);
    const form: DatasetForm = { shape: [32, 32, 3], classes: 10, train, validation };
    await all({ place, form }, recipe, compositions);
  });
});
