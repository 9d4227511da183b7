import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { modelKey, type TrainingSpec } from '../../artifacts/keys';
import { fillSeconds, trainedImages } from '../../jobs/costs';
import { type Planned } from '../../jobs/item-spec';
import { type StoredModel } from '../../models/models-repository';
import { epochCost, type Weights } from '../../models/trainings';
import { trainedName } from '../../models/weights-file-name';
import { ownerOf, type PlanParts, type RunInputs } from './metric-plan';

/** What a level of a run trains. */
export function levelSpec(settings: RoarSettings, level: number): TrainingSpec {
  const { dataset, recipe, fill, trainMask, seed } = settings;
  return {
    dataset,
    recipe,
    removal: { level, fill, mask: trainMask },
    removalSeed: seed,
  };
}

function levelKey({ settings, dataset, engine }: RunInputs, level: number): string {
  return modelKey(levelSpec(settings, level), dataset, engine);
}

/** A level's model; undefined where nobody began to train it. */
export function levelModel(
  { trainings }: Pick<PlanParts, 'trainings'>,
  inputs: RunInputs,
  level: number,
): StoredModel | undefined {
  return trainings.find(levelKey(inputs, level));
}

/** The weights of a level's model; null where it is not trained. */
export function levelWeights(
  { trainings }: Pick<PlanParts, 'trainings'>,
  inputs: RunInputs,
  level: number,
): Weights | null {
  return trainings.weights(levelKey(inputs, level));
}

/** The training of one level's model, unless it is there. */
export function levelTraining(
  parts: Pick<PlanParts, 'runs' | 'trainings'>,
  inputs: RunInputs,
  level: number,
): Planned {
  const { runs, trainings } = parts;
  const { settings, counts, rates } = inputs;
  const { recipe, fill } = settings;
  const spec = levelSpec(settings, level);
  const key = levelKey(inputs, level);
  const model = () => trainings.find(key);
  const [height, width, channels] = counts.shape;
  const filled = trainedImages(recipe, counts) + counts.validation;
  const fills = rates ? fillSeconds(fill, level * height * width * channels * filled) : 0;
  const put = (run: string, found: StoredModel) => {
    const known = runs.levels(run).find((stored) => stored.level === level);
    const reused = known?.model === found.id ? known.reused : found.state === 'ready';
    runs.putLevel(run, { level, model: found.id, reused, seconds: secondsOf(found) });
  };
  return trainings.plan({
    spec,
    dataset: inputs.dataset,
    key,
    size: inputs.size,
    epochCost: epochCost(recipe, { ...counts, shape: inputs.whole }, rates) + fills,
    model,
    begin() {
      const { run, job } = ownerOf(inputs);
      const name = trainedName(counts, recipe.architecture, level);
      const found = trainings.make(key, spec, name, job);
      put(run, found);
      trainings.begin(found, job);
    },
    end() {
      const { run } = ownerOf(inputs);
      return {
        commit() {
          const trained = model();
          if (trained) put(run, trained);
        },
        announce: [{ type: 'run.changed', run }],
      };
    },
  });
}

function secondsOf(model: StoredModel): number {
  return model.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
}
