import { describe, expect, it } from 'vitest';
import {
  engineFor,
  engineKey,
  epochKeys,
  isSameEngine,
  type KeyedModel,
  makingOf,
  mapKey,
  modelKey,
  scoreKeys,
  storedEngineKey,
  type TrainingSpec,
  trainsAlike,
} from '../../../../src/main/core/artifacts/keys';
import { orderKey } from '../../../../src/main/core/evaluation/metrics/orders';
import {
  type MapParameters,
  mapParametersSchema,
} from '../../../../src/shared/catalogue/parameters';
import {
  type Fill,
  type Init,
  type Recipe,
  type RecipeInput,
  recipeSchema,
  trainingRemovalSchema,
} from '../../../../src/shared/catalogue/training';
import { roarSettings } from '../../../fixtures/datasets';
import { description } from '../jobs/scripted-engine';
import { builtInCatalogues } from '../../../../src/shared/catalogue/catalogues';

const { operators } = builtInCatalogues;

const dataset = { dataset: 'mnist' as const, files: [{ name: 'train', sha256: 'aa' }] };
const engine = engineKey(description);
const given = (recipe: RecipeInput) => recipeSchema.parse({ architecture: 'mnist-cnn', ...recipe });
/** As a request gives it: what is left out has its default. */
const startingFrom = (init?: Partial<Init>) =>
  recipeSchema.parse({ architecture: 'mnist-cnn', ...(init && { init }) });
const spec: TrainingSpec = {
  dataset: 'mnist',
  recipe: given({}),
  removal: trainingRemovalSchema.parse({ level: 0.5 }),
  removalSeed: 1,
};
const cnn: KeyedModel = { sha256: 'm', architecture: 'mnist-cnn' };
const resnet: KeyedModel = { sha256: 'm', architecture: 'resnet18' };
const ofResnet = { ...spec, recipe: given({ architecture: 'resnet18' }) };
const images = { dataset, split: 'validation' as const, indices: [3, 5] };
const parameters = mapParametersSchema.parse({});

describe('keys', () => {
  it('of a model hold everything that determines its weights, and nothing else', () => {
    const key = modelKey(spec, dataset, engine);
    expect(modelKey({ ...spec }, { ...dataset }, { ...engine })).toBe(key);
    const otherFiles = { ...dataset, files: [{ name: 'train', sha256: 'bb' }] };
    const others = [
      modelKey({ ...spec, removalSeed: 2 }, dataset, engine),
      modelKey({ ...spec, removal: { ...spec.removal, fill: 'random' } }, dataset, engine),
      modelKey({ ...spec, removal: { ...spec.removal, mask: 'redrawn' } }, dataset, engine),
      modelKey({ ...spec, recipe: { ...spec.recipe, seed: 1 } }, dataset, engine),
      modelKey(spec, otherFiles, engine),
      ...Object.entries({
        threads: 2,
        oneDnn: true,
        tensorflow: '2',
        device: 'cuda',
        deviceName: 'b',
      }).map(([field, value]) => modelKey(spec, dataset, { ...engine, [field]: value })),
      modelKey(spec, dataset, { ...engine, plan: { 'mnist-cnn/train': 64 } }),
    ];
    expect(new Set([key, ...others]).size).toBe(others.length + 1);
  });

  it('of a model hold what it sees of images, and are what they were where it sees all', () => {
    const of = (recipe: RecipeInput) =>
      modelKey({ ...spec, recipe: given(recipe) }, dataset, engine);
    const keys = [of({}), of({ crop: 20 }), of({ resize: 20 }), of({ resize: 32, crop: 20 })];
    expect(new Set(keys).size).toBe(keys.length);
    expect(of({ resize: null, crop: null })).toBe(keys[0]);
    // As recipes were before they had either.
    const { resize, crop, ...before } = given({});
    expect([resize, crop]).toEqual([null, null]);
    expect(modelKey({ ...spec, recipe: before as Recipe }, dataset, engine)).toBe(keys[0]);
    const settings = roarSettings({ dataset: 'mnist' });
    const ordered = (input: KeyedModel['input']) =>
      orderKey(operators, images, 'random', settings, { ...cnn, input: input ?? null }, engine);
    expect(ordered({ crop: 20 })).not.toBe(ordered(null));
    expect(ordered({ crop: 20 })).not.toBe(ordered({ crop: 20, resize: 32 }));
  });

  it('of a model hold what it starts from, by content, and are what they were without', () => {
    const of = (init?: Partial<Init>) =>
      modelKey({ ...spec, recipe: startingFrom(init) }, dataset, engine);
    const weights = (digit: string) => digit.repeat(64);
    const keys = [
      of(),
      of({ weights: weights('a'), head: 'keep' }),
      of({ weights: weights('b'), head: 'keep' }),
      of({ weights: weights('a'), head: 'anew' }),
      of({ weights: weights('a'), head: 'keep', layers: 'last' }),
    ];
    expect(of({ weights: weights('a'), head: 'keep', layers: 'all' })).toBe(keys[1]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(Object.keys(given({}))).not.toContain('init');
    expect(() => startingFrom({ weights: 'a', head: 'keep' })).toThrow('the SHA-256');
  });

  it('of a model hold its network and the network’s options', () => {
    const of = (architecture: string, options: Record<string, string>) =>
      modelKey({ ...spec, recipe: { ...spec.recipe, architecture, options } }, dataset, engine);
    const keys = [
      of('mnist-cnn', {}),
      of('resnet18', {}),
      of('resnet18', { stem: 'imagenet' }),
      of('resnet18', { stem: 'small' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('of a model hold the recipe’s later choices where they matter', () => {
    const of = (recipe: RecipeInput) =>
      modelKey({ ...spec, recipe: given(recipe) }, dataset, engine);
    const keys = [
      of({}),
      of({ optimiser: 'sgd' }),
      of({ optimiser: 'sgd', momentum: 0.5 }),
      of({ optimiser: 'sgd', weightDecay: 0.1 }),
      of({ optimiser: 'sgd', nesterov: true }),
      of({ schedule: { kind: 'one-cycle' } }),
      of({ schedule: { kind: 'step', every: 2, factor: 0.1 } }),
      of({ augmentation: { padding: 0, flip: true } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(of({ momentum: 0.5 })).toBe(of({}));
  });

  describe('and batch sizes', () => {
    const first = {
      'mnist-cnn/train': 128,
      'mnist-cnn/gradient': 150,
      'mnist-cnn/forward': 250,
      'resnet18/train': 128,
      'resnet18/gradient': 150,
      'resnet18/forward': 250,
    };
    const planned = (plan: Record<string, number>) => ({ ...engine, plan: { ...first, ...plan } });

    it('of weights are those of their network', () => {
      const key = modelKey(spec, dataset, planned({}));
      expect(modelKey(spec, dataset, planned({ 'resnet18/gradient': 50 }))).toBe(key);
      expect(modelKey(spec, dataset, planned({ 'mnist-cnn/gradient': 50 }))).not.toBe(key);
    });

    it('of maps are those of the model’s network', () => {
      const of = (plan: Record<string, number>) =>
        mapKey(operators, images, 'gradient', parameters, 0, resnet, planned(plan));
      expect(of({ 'mnist-cnn/gradient': 50 })).toBe(of({}));
      expect(of({ 'resnet18/gradient': 50 })).not.toBe(of({}));
    });

    it('decide for each network whether an engine is the same', () => {
      const other = planned({ 'resnet18/forward': 50 });
      expect(isSameEngine(planned({}), other, 'mnist-cnn', {})).toBe(true);
      expect(isSameEngine(planned({}), other, 'resnet18', {})).toBe(false);
      expect(isSameEngine(planned({}), { ...planned({}), threads: 9 }, 'mnist-cnn', {})).toBe(
        false,
      );
    });

    it('are read again as they were stored', () => {
      expect(storedEngineKey(JSON.parse(JSON.stringify(engine)))).toEqual(engine);
      const before = Object.fromEntries(
        Object.entries(engine).filter(([name]) => name !== 'arithmetic'),
      );
      expect(storedEngineKey(before)).toEqual(engine);
      expect(storedEngineKey({ ...engine, threads: '2' })).toBeNull();
    });
  });

  describe('and the arithmetic of scores and gradients', () => {
    const other = { ...engine, arithmetic: { resnet18: 2 } };

    it('leave weights what they are', () => {
      expect(modelKey(ofResnet, dataset, other)).toBe(modelKey(ofResnet, dataset, engine));
    });

    it('make other maps, scores and pixel orders of their own network alone', () => {
      const keys = (model: KeyedModel, made: typeof engine) => {
        const maps = [mapKey(operators, images, 'gradient', parameters, 0, model, made)];
        const shared = { images, level: 0.5, fill: 'random', reduction: 'signed' } as const;
        const { score } = scoreKeys({ ...shared, seed: 0, model, maps, engine: made });
        const ranked = { parameters, reduction: 'signed', seed: 0 } as const;
        return [...maps, score, orderKey(operators, images, 'gradient', ranked, model, made)];
      };
      expect(keys(cnn, other)).toEqual(keys(cnn, engine));
      const before = keys(resnet, engine);
      expect(keys(resnet, other).filter((key) => before.includes(key))).toEqual([]);
      expect(isSameEngine(engine, other, 'mnist-cnn', {})).toBe(true);
      expect(isSameEngine(engine, other, 'resnet18', {})).toBe(false);
    });
  });

  describe('and what else of its arithmetic changed', () => {
    const other = { ...engine, arithmetic: { probability: 2, 'noisy-linear': 2 } };

    it('make other maps and orders of a probability alone, and none of a control', () => {
      const keys = (score: MapParameters['score'], composition: string, made: typeof engine) => {
        const settings = {
          parameters: { ...parameters, score },
          reduction: 'signed',
          seed: 0,
        } as const;
        return [
          mapKey(operators, images, composition, settings.parameters, 0, cnn, made),
          orderKey(operators, images, composition, settings, cnn, made),
        ];
      };
      for (const score of ['probability', 'log-probability'] as const) {
        const before = keys(score, 'smooth(gradient)', engine);
        expect(before.some((key) => keys(score, 'smooth(gradient)', other).includes(key))).toBe(
          false,
        );
        expect(keys(score, 'random', other)).toEqual(keys(score, 'random', engine));
        expect(isSameEngine(engine, other, 'mnist-cnn', { score })).toBe(false);
      }
      expect(keys('logit', 'smooth(gradient)', other)).toEqual(
        keys('logit', 'smooth(gradient)', engine),
      );
      expect(isSameEngine(engine, other, 'mnist-cnn', { score: 'logit' })).toBe(true);
    });

    it('make other weights and scores of that fill alone, where anything is removed', () => {
      const keys = (fill: Fill, level: number, made: typeof engine) => {
        const removal = { ...spec.removal, fill, level };
        const shared = { images, level, fill, reduction: 'signed', seed: 0 } as const;
        return [
          modelKey({ ...spec, removal }, dataset, made),
          scoreKeys({ ...shared, model: cnn, maps: ['a'], engine: made }).score,
        ];
      };
      const before = keys('noisy-linear', 0.5, engine);
      expect(before.some((key) => keys('noisy-linear', 0.5, other).includes(key))).toBe(false);
      expect(keys('image-mean', 0.5, other)).toEqual(keys('image-mean', 0.5, engine));
      expect(keys('noisy-linear', 0, other)[0]).toBe(keys('noisy-linear', 0, engine)[0]);
      expect(trainsAlike(engine, other, 'mnist-cnn', { fill: 'noisy-linear' })).toBe(false);
      expect(trainsAlike(engine, other, 'mnist-cnn', { fill: 'random' })).toBe(true);
    });
  });

  it('and the arithmetic of training make other weights of that network, and no other control', () => {
    const other = { ...engine, arithmetic: { 'mnist-cnn training': 2 } };
    expect(modelKey(spec, dataset, other)).not.toBe(modelKey(spec, dataset, engine));
    expect(modelKey(ofResnet, dataset, other)).toBe(modelKey(ofResnet, dataset, engine));
    const map = (composition: string, made: typeof engine) =>
      mapKey(operators, images, composition, parameters, 0, cnn, made);
    // Maps hold the weights themselves.
    for (const composition of ['random', 'gradient']) {
      expect(map(composition, other)).toBe(map(composition, engine));
    }
    expect(trainsAlike(engine, other, 'mnist-cnn', {})).toBe(false);
    expect(trainsAlike(engine, other, 'resnet18', {})).toBe(true);
    expect(isSameEngine(engine, other, 'mnist-cnn', {})).toBe(true);
  });

  it('of a model at level 0 ignore the removal that does not happen', () => {
    const clean = { ...spec, removal: { ...spec.removal, level: 0 } };
    const other = {
      ...clean,
      removal: { level: 0, fill: 'random' as const, mask: 'redrawn' as const },
      removalSeed: 9,
    };
    expect(modelKey(other, dataset, engine)).toBe(modelKey(clean, dataset, engine));
  });

  it('of maps hold the version of each operator of the composition, unless the first', () => {
    const later = { ...engine, arithmetic: { 'operator smooth': 2, 'operator random': 2 } };
    const of = (composition: string, made = engine) => [
      mapKey(operators, images, composition, parameters, 0, cnn, made),
      orderKey(operators, images, composition, roarSettings(), cnn, made),
    ];
    for (const composition of ['gradient', 'variance(gradient)', 'sobel']) {
      expect(of(composition, later)).toEqual(of(composition));
    }
    for (const composition of ['smooth(gradient)', 'integrate(smooth(guided))', 'random']) {
      const [map, order] = of(composition);
      const [laterMap, laterOrder] = of(composition, later);
      expect(laterMap).not.toBe(map);
      expect(laterOrder).not.toBe(order);
    }
    expect(isSameEngine(engine, later, 'mnist-cnn', {})).toBe(false);
    expect(trainsAlike(engine, later, 'mnist-cnn', {})).toBe(true);
  });

  it('of measured values hold the version of their metric alone', () => {
    const later = { ...engine, arithmetic: { 'metric insertion': 2 } };
    const of = (metric: string, made = engine) => engineFor(made, 'mnist-cnn', { metric });
    expect(of('insertion', later)).toEqual({ ...of('insertion'), metric: 2 });
    expect(of('deletion', later)).toEqual(of('deletion'));
    const making = makingOf({ ...roarSettings(), protocol: 'insertion' });
    expect(isSameEngine(engine, later, 'mnist-cnn', making)).toBe(false);
    expect(isSameEngine(engine, later, 'mnist-cnn', makingOf(roarSettings()))).toBe(true);
  });

  it('of maps hold only what the composition depends on', () => {
    const of = (composition: string, change: object = {}, seed = 0, sha256 = 'm') =>
      mapKey(
        operators,
        images,
        composition,
        { ...parameters, ...change },
        seed,
        { ...cnn, sha256 },
        engine,
      );
    expect(of('gradient', { n: 3, sigma: 1, steps: 9, guidedGate: 'relu-only' }, 7)).toBe(
      of('gradient'),
    );
    expect(of('gradient', { score: 'probability' })).not.toBe(of('gradient'));
    expect(of('gradient', {}, 0, 'other')).not.toBe(of('gradient'));
    expect(of('guided', { guidedGate: 'relu-only' })).not.toBe(of('guided'));
    expect(of('smooth(gradient)', { n: 3 })).not.toBe(of('smooth(gradient)'));
    expect(of('smooth(gradient)', {}, 7)).not.toBe(of('smooth(gradient)'));
    expect(of('smooth(gradient)', { steps: 9 })).toBe(of('smooth(gradient)'));
    expect(of('integrate(gradient)', { steps: 9 }, 7)).not.toBe(of('integrate(gradient)'));
    expect(of('integrate(gradient)', {}, 7)).toBe(of('integrate(gradient)'));
    expect(of('random', { score: 'probability' }, 0, 'other')).toBe(of('random'));
    expect(of('random', {}, 7)).not.toBe(of('random'));
  });

  it('of an epoch and of scores name their kind', () => {
    const epoch = epochKeys('a', 0);
    expect(epoch.weights).not.toBe(epoch.optimiser);
    expect(epochKeys('a', 1).weights).not.toBe(epoch.weights);
    const inputs = {
      images,
      level: 0.5,
      fill: 'random',
      reduction: 'signed',
      seed: 0,
      model: cnn,
      maps: ['a', 'b'],
      engine,
    } as const;
    const keys = scoreKeys(inputs);
    expect(keys.score).not.toBe(keys.tied);
    expect(scoreKeys({ ...inputs, maps: ['b', 'a'] }).score).not.toBe(keys.score);
    for (const key of [keys.score, epoch.weights]) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });
});
