import { type Method } from '../../../../shared/catalogue/methods';
import { retrains, type RoarSettings } from '../../../../shared/catalogue/roar';
import { type Rates } from '../../../../shared/engine';
import { type TrainingSpec } from '../../artifacts/keys';
import { type DatasetCounts, roarStages } from '../../jobs/costs';
import { type StagePlan } from '../../jobs/progress';
import { retrainStages } from './retrain-stages';
import { type OperatorCatalogue } from '../../../../shared/catalogue/operator-catalogue';

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

/** Every item of a run, in order, with its expected seconds (or weights without rates). */
export function runStages(
  operators: OperatorCatalogue,
  settings: RoarSettings,
  methods: readonly Method[],
  counts: DatasetCounts,
  rates: Rates | null,
): StagePlan[] {
  return retrains(settings.protocol)
    ? retrainStages(operators, settings, methods, counts, rates)
    : roarStages(operators, settings, methods, counts, rates);
}
