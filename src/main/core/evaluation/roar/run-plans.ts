import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { valueAt } from '../../../../shared/checked-reads';
import { type EngineDescription } from '../../../../shared/engine';
import { shapeSeen } from '../../../../shared/model-input';
import { stratifiedAmong } from '../../../../shared/selection';
import { engineKey } from '../../artifacts/keys';
import { type DatasetsService } from '../../datasets/datasets-service';
import { type EngineHost } from '../../engine/engine-host';
import { type Speed } from '../../jobs/costs';
import { type MethodsService } from '../../maps/methods';
import { type MeasuredModel, networkOf } from '../../models/model-form';
import { type Metrics } from '../metric';
import { requireImported } from './imported-methods';
import { type PlanParts, type RoarPlan, type RunInLedger, type RunInputs } from './metric-plan';

interface Parts {
  readonly datasets: DatasetsService;
  readonly engine: EngineHost;
  readonly methods: MethodsService;
  readonly metrics: Metrics;
  /** What the steps of the plans use. */
  readonly steps: PlanParts;
}

export interface PlannedRun {
  readonly plan: RoarPlan;
  readonly inputs: RunInputs;
  /** The engine that it is planned for. */
  readonly description: EngineDescription;
}

/** Plans of runs from their settings, with what the dataset and the engine are now. */
export class RunPlans {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whose speed a run's costs are told by. */
  async network({ dataset, recipe }: RoarSettings): Promise<MeasuredModel> {
    return networkOf(await this.#parts.datasets.counts(dataset), recipe);
  }

  /**
   * @param rates null: costs are weights
   * @param owner null: of no run yet
   */
  async plan(
    settings: RoarSettings,
    rates: Speed | null,
    owner: RunInLedger | null,
  ): Promise<PlannedRun> {
    const { datasets, engine, methods, metrics, steps } = this.#parts;
    const { dataset, recipe, images, seed } = settings;
    const description = await engine.ready();
    const labels = await datasets.labels(dataset, 'validation');
    const known = methods.resolve(settings.methods, 'settings.methods');
    const covered = steps.importedMaps.coveredByAll(known, 'validation');
    const counts = await datasets.counts(dataset);
    const inputs: RunInputs = {
      settings,
      methods: known,
      operators: methods.operators,
      counts: { ...counts, shape: shapeSeen(counts.shape, recipe) },
      whole: counts.shape,
      size: steps.trainings.checkpointSize(await this.network(settings), recipe),
      dataset: await datasets.key(dataset),
      engine: engineKey(description),
      images: stratifiedAmong(labels, covered, images, seed).map((image) => ({
        image,
        label: valueAt(labels, image),
      })),
      trainLabels: () => datasets.labels(dataset, 'train'),
      rates,
      owner,
    };
    const { plan, descriptor } = metrics.get(settings.protocol, 'settings.protocol');
    await requireImported(steps, inputs, descriptor);
    return { plan: await plan(steps, inputs), inputs, description };
  }
}
