import { datasetEntry } from '../../../../fixtures/datasets';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import {
  type PlanParts,
  type RunInputs,
} from '../../../../../src/main/core/evaluation/roar/metric-plan';
import { Trainings } from '../../../../../src/main/core/models/trainings';
import { type Method } from '../../../../../src/shared/catalogue/methods';
import { type RoarSettings } from '../../../../../src/shared/catalogue/roar';
import { coreOn } from '../../core-on';
import { engineKey } from '../../../../../src/main/core/artifacts/keys';
import { description } from '../../jobs/scripted-engine';
import { temporaryFolder } from '../../storage/helpers';

/** What a plan stands on, over a data directory of the test's own. */
export function planParts() {
  const { core } = coreOn(temporaryFolder());
  const parts: PlanParts = {
    ...core,
    trainings: new Trainings(core),
    summarise: async () => undefined,
  };
  return { core, parts };
}

/** A run of MNIST, as large as it is. */
export function planInputs(
  settings: RoarSettings,
  methods: readonly Method[],
  change: Partial<RunInputs> = {},
): RunInputs {
  return {
    settings,
    methods,
    operators: builtInCatalogues.operators,
    counts: datasetEntry('mnist'),
    whole: datasetEntry('mnist').shape,
    size: { weights: 100, optimiser: 200 },
    dataset: { dataset: 'mnist', files: [{ name: 'train', sha256: 'aa' }] },
    engine: engineKey(description),
    images: Array.from({ length: settings.images }, (_, image) => ({ image, label: image % 10 })),
    trainLabels: async () => Uint8Array.from({ length: 60_000 }, (_, i) => i % 10),
    rates: null,
    owner: null,
    ...change,
  };
}
