import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { optimiserBytes, weightsBytes } from '../../../shared/catalogue/network-size';
import { type Recipe } from '../../../shared/catalogue/training';
import { conflict, notFound } from '../../../shared/errors';
import { type NewId } from '../../../shared/ids';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type DatasetKey, epochKeys, type KeyedModel, type TrainingSpec } from '../artifacts/keys';
import {
  type DatasetCounts,
  levelTitle,
  proportions,
  resizeSeconds,
  scoreCost,
  type Speed,
  trainCost,
  trainedImages,
} from '../jobs/costs';
import { type Events } from '../jobs/events';
import {
  type ArtifactReference,
  type Planned,
  type PlannedItem,
  specId,
  type Step,
  stored,
  workOrder,
} from '../jobs/item-spec';
import { type ItemResult } from '../jobs/job-run';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type MeasuredModel } from './model-form';
import { type ModelsRepository, type StoredModel } from './models-repository';
import { statedInput } from './weights-header';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'networks'>;
  readonly clock: Clock;
  readonly database: Database;
  readonly events: Events;
  readonly models: ModelsRepository;
  readonly newId: NewId;
}

/** Bytes of the files that an epoch leaves. */
export interface CheckpointSize {
  readonly weights: number;
  readonly optimiser: number;
}

/** What there is to train, and where that it is trained is written down. */
export interface Training {
  readonly spec: TrainingSpec;
  /** The spec's, by its content. */
  readonly dataset: DatasetKey;
  /** The model's (`modelKey`). */
  readonly key: string;
  readonly size: CheckpointSize;
  /** Expected seconds of an epoch, or a weight. */
  readonly epochCost: number;
  /** The stored model; undefined where there is none yet. */
  readonly model: () => StoredModel | undefined;
  /** Sees to it, before each epoch, that the model is there and in training. */
  readonly begin: () => void;
  /** What else to write down with the last epoch, and to announce. */
  readonly end?: () => Pick<ItemResult, 'commit' | 'announce'>;
}

/** The weights of a trained model: their artifact, and their hash for keys. */
export interface Weights extends KeyedModel {
  readonly artifact: string;
}

// Items are named by the level's every digit: two that look alike are two.
export function epochItem(level: number, epoch: number): string {
  return `${level}/${epoch}`;
}

/** Of the spec that trains the model of a level. */
export const trainingId = (level: number): string => specId('train', String(level));

/**
 * Expected seconds of an epoch that is tested on the whole validation split, or a weight.
 *
 * @param counts with the shape of the dataset's own images, which a recipe may resize
 */
export function epochCost(recipe: Recipe, counts: DatasetCounts, rates: Speed | null): number {
  const speed = rates ?? proportions;
  const images = trainedImages(recipe, counts) + counts.validation;
  return (
    trainCost(recipe, counts, speed) +
    scoreCost(counts.validation, speed) +
    (rates ? resizeSeconds(images, counts.shape, recipe) : 0)
  );
}

export const trainingStage = (models: number) => ({
  id: 'train',
  title: models === 1 ? 'Train the model' : `Train ${models} models`,
});

/** Models in training: an epoch an item, each from the checkpoint of the one before. */
export class Trainings {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  checkpointSize({ architecture, form }: MeasuredModel, recipe: Recipe): CheckpointSize {
    const network = this.#parts.catalogues.networks.get(architecture);
    return {
      weights: weightsBytes(network, form),
      optimiser: optimiserBytes(network, form, recipe),
    };
  }

  /** The model of a key; undefined where nobody began to train it. */
  find(key: string): StoredModel | undefined {
    return this.#parts.models.findByKey(key);
  }

  /** The weights of the model of a key; null where it is not trained to its end. */
  weights(key: string): Weights | null {
    const { artifact, sha256, architecture, input = null } = this.find(key) ?? {};
    return artifact && sha256 && architecture ? { artifact, sha256, architecture, input } : null;
  }

  /** What the first epoch of a recipe starts from; null: from what is drawn, or it is not here. */
  initial({ init }: Recipe): ArtifactReference | null {
    const artifact = init && this.#parts.models.withWeights(init.weights)[0]?.artifact;
    return artifact ? stored(artifact) : null;
  }

  /** Throws `conflict` where the weights that a recipe starts from are not here. */
  requireInitial(recipe: Recipe): void {
    if (!recipe.init || this.initial(recipe) !== null) return;
    throw conflict(
      `Training starts from the weights ${recipe.init.weights}, and no model that is here has them: import them again.`,
    );
  }

  /**
   * The stored model of a key, or a new row for it. Equal keys are one model, whoever trains it.
   *
   * @param job the one that will train it; must be in the ledger
   * @param id of a new row
   */
  make(
    key: string,
    spec: TrainingSpec,
    name: string,
    job: string,
    id = this.#parts.newId('model'),
  ): StoredModel {
    const { models } = this.#parts;
    const present = models.findByKey(key);
    if (present) return present;
    models.insert({
      ...spec,
      architecture: spec.recipe.architecture,
      id,
      key,
      name,
      origin: 'trained',
      job,
      state: 'incomplete',
      createdAt: now(this.#parts),
    });
    const made = models.get(id);
    if (!made) throw notFound('model', id);
    return made;
  }

  /** A model is in training by a job from now on, unless it is ready. */
  begin(model: StoredModel, job: string): void {
    const { database, events } = this.#parts;
    if (model.state === 'ready' || (model.state === 'training' && model.job === job)) return;
    database.transaction(() => this.assign(model, job));
    events.emit({ type: 'model.changed', model: model.id });
  }

  /** The same, within a transaction of the caller, who announces it. */
  assign({ id, state }: StoredModel, job: string): void {
    if (state === 'ready') return;
    const { models } = this.#parts;
    models.setState(id, 'training');
    models.setJob(id, job);
  }

  /** A job that stopped leaves no model in training. */
  settle(job: string, state: string): void {
    if (['queued', 'running', 'cancelling'].includes(state)) return;
    const { events, models } = this.#parts;
    for (const model of models.list()) {
      if (model.job !== job || model.state !== 'training') continue;
      models.setState(model.id, 'incomplete');
      events.emit({ type: 'model.changed', model: model.id });
    }
  }

  /** Weights of every epoch are kept, and the last state of the optimiser. */
  plan(training: Training): Planned {
    const { spec, size } = training;
    const { level } = spec.removal;
    const { epochs } = spec.recipe;
    const items = Array.from({ length: epochs }, (_, epoch): PlannedItem => ({
      id: epochItem(level, epoch),
      title: `${levelTitle(level)}, epoch ${epoch + 1} of ${epochs}`,
      cost: training.epochCost,
      bytes: size.weights + (epoch === epochs - 1 ? size.optimiser : 0),
    }));
    return {
      spec: {
        id: trainingId(level),
        stage: 'train',
        title: `the model of level ${level}`,
        passing: (epochs - 1) * size.optimiser,
        needs: [],
        items,
      },
      complete: () => items.map(({ id }, epoch) => this.#step(training, id, epoch)),
    };
  }

  #step(training: Training, item: string, epoch: number): Step {
    const { artifacts, models } = this.#parts;
    const { key, dataset, model, begin, end } = training;
    const { recipe, removal, removalSeed } = training.spec;
    const last = epoch === recipe.epochs - 1;
    const own = epochKeys(key, epoch);
    const earlier = Array.from({ length: epoch }, (_, before) => epochKeys(key, before));
    const before = earlier.at(-1);
    const checkpoint = before
      ? { model: stored(before.weights), optimiser: stored(before.optimiser) }
      : null;
    const initial = epoch === 0 ? this.initial(recipe) : null;
    const order = workOrder(
      'train-epoch',
      dataset,
      { recipe, removal, removalSeed, epoch, checkpoint, ...(initial && { initial }) },
      [
        { file: 'model.safetensors', kind: 'weights', key: own.weights },
        { file: 'optimiser.safetensors', kind: 'optimiser', key: own.optimiser },
      ],
    );
    return {
      item,
      before: () => {
        if (epoch === 0) this.requireInitial(recipe);
        begin();
      },
      orders: [order],
      async known() {
        const row = models.epochs(model()?.id ?? '').find((each) => each.epoch === epoch);
        return row?.weights === own.weights && (await artifacts.has(own.weights));
      },
      finish: async (outcome) => {
        const done = last ? end?.() : undefined;
        if (outcome.reused) return { ...done, artifacts: [own.weights], reused: true };
        const id = model()?.id;
        if (id === undefined) throw notFound('model', key);
        const { loss, trainAccuracy, validationAccuracy, seconds } = outcome.of(order);
        // Weights that it started from may have brought a normalisation of their own.
        const input = last ? await statedInput(await artifacts.open(own.weights)) : null;
        const record = { epoch, loss, trainAccuracy, validationAccuracy, seconds };
        return {
          artifacts: [own.weights, own.optimiser],
          reused: false,
          commit: () => {
            models.putEpoch(id, record, own.weights, own.optimiser);
            if (!last) return;
            models.finish(id, own.weights, validationAccuracy);
            if (input) models.putInput(id, input);
            models.dropEarlierOptimisers(id);
            done?.commit?.();
          },
          announce: [
            { type: 'model.epoch', model: id, epoch: record },
            ...(last ? [{ type: 'model.changed' as const, model: id }] : []),
            ...(done?.announce ?? []),
          ],
        };
      },
      // Of a finished model only the last state is named; files of others only take disk.
      release: last ? earlier.map(({ optimiser }) => optimiser) : [],
    };
  }
}
