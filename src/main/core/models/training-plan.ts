import { type Rates } from '../../../shared/engine';
import { notFound } from '../../../shared/errors';
import { type DatasetKey, type TrainingSpec } from '../artifacts/keys';
import { type DatasetCounts } from '../jobs/costs';
import { type Plan, planOf } from '../jobs/item-spec';
import { type MeasuredModel } from './model-form';
import { type StoredModel } from './models-repository';
import { epochCost, trainingStage, type Trainings } from './trainings';

/** The training of one model by a job of its own. */
export function trainingPlan(
  trainings: Trainings,
  asked: {
    readonly spec: TrainingSpec;
    readonly dataset: DatasetKey;
    readonly key: string;
    readonly network: MeasuredModel;
    readonly counts: DatasetCounts;
    readonly rates: Rates | null;
    readonly model: () => StoredModel | undefined;
    /** Null: of no job yet, so that nothing of the plan can be done. */
    readonly job: string | null;
  },
): Plan {
  const { spec, dataset, key, network, counts, rates, model, job } = asked;
  const planned = trainings.plan({
    spec,
    dataset,
    key,
    size: trainings.checkpointSize(network, spec.recipe),
    epochCost: epochCost(spec.recipe, counts, rates),
    model,
    begin() {
      const stored = model();
      if (!stored) throw notFound('model', key);
      if (job === null) throw new RangeError('a plan without a job trains nothing');
      trainings.begin(stored, job);
    },
  });
  return planOf([trainingStage(1)], rates !== null, [planned]);
}
