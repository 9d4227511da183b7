import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import {
  type Composition,
  operatorsOf,
  parseComposition,
} from '../../../shared/catalogue/compositions';
import { type Split } from '../../../shared/catalogue/datasets';
import { type MapParameters, type Reduction } from '../../../shared/catalogue/parameters';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type Fill, type Recipe, type TrainingRemoval } from '../../../shared/catalogue/training';
import { type EngineDescription, metricOf, operatorOf, trainingOf } from '../../../shared/engine';
import { type Looked, type Sight, sightOf } from '../../../shared/model-input';
import { artifactKey } from './artifacts';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';

/** Everything about the machine and the engine that determines bytes. */
export const engineKeySchema = z.strictObject({
  numerics: z.int(),
  tensorflow: z.string(),
  device: z.string(),
  deviceName: z.string(),
  threads: z.int(),
  oneDnn: z.boolean(),
  plan: z.record(z.string(), z.int()),
  arithmetic: z.record(z.string(), z.int()).default({}),
});
export type EngineKey = Readonly<z.infer<typeof engineKeySchema>>;

/** An engine's key as it was stored; null where it is of another form. */
export function storedEngineKey(value: unknown): EngineKey | null {
  return engineKeySchema.safeParse(value).data ?? null;
}

export function engineKey(engine: EngineDescription): EngineKey {
  return {
    numerics: engine.numerics,
    tensorflow: engine.versions['tensorflow'] ?? 'unknown',
    device: engine.device ?? 'unknown',
    deviceName: engine.deviceName ?? 'unknown',
    threads: engine.threads ?? 0,
    oneDnn: engine.oneDnn ?? false,
    plan: engine.plan,
    arithmetic: engine.arithmetic,
  };
}

/** The engine as keys hold it. */
export type KeyedEngine = Omit<EngineKey, 'arithmetic'> & {
  /** Of the network's scores and gradients. */
  readonly arithmetic?: number;
  /** Of the network's weights, as training leaves them. */
  readonly training?: number;
  /** Of maps of a probability. */
  readonly probability?: number;
  readonly fill?: number;
  /** Of the operators of a composition, by their ids. */
  readonly operators?: Readonly<Record<string, number>>;
  /** Of a metric that the engine measures. */
  readonly metric?: number;
};

/** What a result is made by, as far as the engine's own arithmetic of it has changed. */
export interface Making {
  /** What maps explain; default the logit. */
  readonly score?: MapParameters['score'] | undefined;
  /** What removed pixels become; default no pixel is removed. */
  readonly fill?: Fill;
  /** What the engine measures them by; default nothing. */
  readonly metric?: string;
}

/** What a run's results are made by. */
export function makingOf({
  fill,
  parameters,
  protocol,
}: Pick<RoarSettings, 'fill' | 'parameters' | 'protocol'>): Making {
  return { fill, score: parameters.score, metric: protocol };
}

/** The engine as a network's trained weights depend on it. */
function trainingEngineFor(engine: EngineKey, network: string, making: Making = {}): KeyedEngine {
  const number = engine.arithmetic[trainingOf(network)];
  const all = baseEngineFor(engine, network, making);
  return number === undefined ? all : { ...all, training: number };
}

/** What everything of a network depends on: of the plan only its own batch sizes count. */
function baseEngineFor(engine: EngineKey, network: string, { fill }: Making = {}): KeyedEngine {
  const own = Object.entries(engine.plan).filter(([name]) => name.startsWith(`${network}/`));
  const { numerics: number, tensorflow, device, deviceName, threads, oneDnn } = engine;
  const filled = fill && engine.arithmetic[fill];
  return {
    numerics: number,
    tensorflow,
    device,
    deviceName,
    threads,
    oneDnn,
    plan: Object.fromEntries(own),
    ...(filled === undefined ? {} : { fill: filled }),
  };
}

/**
 * The engine as maps and scores depend on it: its network's arithmetic, too, unless the first, and
 * of maps of a probability that of those.
 */
export function engineFor(engine: EngineKey, network: string, making: Making = {}): KeyedEngine {
  const { arithmetic } = engine;
  const number = arithmetic[network];
  const probability = (making.score ?? 'logit') === 'logit' ? undefined : arithmetic['probability'];
  const metric = making.metric === undefined ? undefined : arithmetic[metricOf(making.metric)];
  return {
    ...baseEngineFor(engine, network, making),
    ...(number === undefined ? {} : { arithmetic: number }),
    ...(probability === undefined ? {} : { probability }),
    ...(metric === undefined ? {} : { metric }),
  };
}

/** The engine as a composition's map depends on it; without the model there is neither gradient nor score. */
export function mapEngineFor(
  operators: OperatorCatalogue,
  engine: EngineKey,
  network: string,
  composition: Composition,
  { score }: Pick<MapParameters, 'score'>,
): KeyedEngine | null {
  // What was made elsewhere is the same by every engine.
  if (operators.isImported(composition)) return null;
  const versions = operatorsOf(composition).flatMap((id) => {
    const version = engine.arithmetic[operatorOf(id)];
    return version === undefined ? [] : [[id, version] as const];
  });
  return {
    ...(operators.usesModel(composition)
      ? engineFor(engine, network, { score })
      : baseEngineFor(engine, network)),
    ...(versions.length === 0 ? {} : { operators: Object.fromEntries(versions) }),
  };
}

/** Whether two engines train the same weights of a network. */
export const trainsAlike: Alike = (one, other, network, making) =>
  sameOf(one, other, (engine) => trainingEngineFor(engine, network, making));

/** Whether two engines make the same maps and scores of a model of a network, by whatever operators. */
export const isSameEngine: Alike = (one, other, network, making) =>
  sameOf(one, other, (engine) => [engineFor(engine, network, making), operatorVersions(engine)]);

type Alike = (one: EngineKey, other: EngineKey, network: string, making: Making) => boolean;

function sameOf(one: EngineKey, other: EngineKey, part: (engine: EngineKey) => unknown): boolean {
  return canonicalJson(part(one)) === canonicalJson(part(other));
}

function operatorVersions({ arithmetic }: EngineKey): Readonly<Record<string, number>> {
  const prefix = operatorOf('');
  return Object.fromEntries(Object.entries(arithmetic).filter(([name]) => name.startsWith(prefix)));
}

/** A dataset by its content. */
export interface DatasetKey {
  readonly dataset: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

export interface TrainingSpec {
  readonly dataset: string;
  readonly recipe: Recipe;
  readonly removal: TrainingRemoval;
  readonly removalSeed: number;
}

/** At level 0 nothing is removed: neither the fill nor the seed matters. */
export function normaliseTraining(spec: TrainingSpec): TrainingSpec {
  if (spec.removal.level > 0) return spec;
  return { ...spec, removal: { level: 0, fill: 'image-mean', mask: 'fixed' }, removalSeed: 0 };
}

/**
 * The recipe as weights depend on it: momentum and its kind are SGD's alone, and what is not done of what
 * recipes had not once is not named.
 */
function keyRecipe(recipe: Recipe): object {
  const { momentum, nesterov, weightDecay, resize, crop, init, ...rest } = recipe;
  const { layers, ...start } = init ?? {};
  return {
    ...rest,
    ...sightOf({ resize, crop }),
    ...(init && { init: layers === 'last' ? init : start }),
    ...(recipe.optimiser === 'sgd' && { momentum, nesterov, weightDecay }),
  };
}

/** Models with equal keys have equal weights. */
export function modelKey(spec: TrainingSpec, dataset: DatasetKey, engine: EngineKey): string {
  const recipe = keyRecipe(spec.recipe);
  const normalised = normaliseTraining(spec);
  const text = canonicalJson({
    ...normalised,
    recipe,
    dataset,
    engine: trainingEngineFor(engine, spec.recipe.architecture, normalised.removal),
  });
  return createHash('sha256').update(text).digest('hex');
}

export function epochKeys(model: string, epoch: number): { weights: string; optimiser: string } {
  return {
    weights: artifactKey('weights', { model, epoch }),
    optimiser: artifactKey('optimiser', { model, epoch }),
  };
}

/** A model as what is made with it depends on it. */
export interface KeyedModel {
  /** Of its weights. */
  readonly sha256: string;
  /** Its network, by its id. */
  readonly architecture: string;
  /** What it makes of images first; null: it sees the whole of them. */
  readonly input?: Looked | null;
}

export interface ImagesKey {
  readonly dataset: DatasetKey;
  readonly split: Split;
  readonly indices: readonly number[];
}

/** Images as a model sees them: whole ones are as the dataset has them. */
export function seenKey(
  images: ImagesKey,
  { input }: Pick<KeyedModel, 'input'>,
): ImagesKey & Sight {
  return { ...images, ...sightOf(input) };
}

/** Key of raw attributions: only what the composition's values depend on. */
export function mapKey(
  operators: OperatorCatalogue,
  images: ImagesKey,
  composition: string,
  parameters: MapParameters,
  seed: number,
  model: KeyedModel,
  engine: EngineKey,
): string {
  const tree = parseComposition(composition);
  return artifactKey('map', {
    images: seenKey(images, model),
    composition,
    parameters: operators.relevant(tree, parameters),
    seed: operators.drawn(tree) ? seed : null,
    model: operators.usesModel(tree) ? model.sha256 : null,
    engine: mapEngineFor(operators, engine, model.architecture, tree, parameters),
  });
}

export function scoreKeys(inputs: {
  images: ImagesKey;
  level: number;
  fill: Fill;
  reduction: Reduction;
  seed: number;
  model: KeyedModel;
  maps: readonly string[];
  engine: EngineKey;
}): { score: string; tied: string } {
  const { model, ...others } = inputs;
  const rest = { ...others, images: seenKey(others.images, model) };
  const engine = engineFor(inputs.engine, model.architecture, { fill: inputs.fill });
  const whole = { ...rest, modelSha256: model.sha256, engine };
  return { score: artifactKey('score', whole), tied: artifactKey('tied', whole) };
}
