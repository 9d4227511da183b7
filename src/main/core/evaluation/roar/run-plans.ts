import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { valueAt } from '../../../../shared/checked-reads';
import { type Rates } from '../../../../shared/engine';
import { stratifiedIndices } from '../../../../shared/selection';
import { engineKey } from '../../artifacts/keys';
import { type DatasetsService } from '../../datasets/datasets-service';
import { type EngineHost } from '../../engine/engine-host';
import { type MethodsService } from '../../maps/methods';
import { type MeasuredModel, networkOf } from '../../models/model-form';
import { type Metrics } from '../metric';
import { type PlanParts, type RoarPlan, type RunInLedger, type RunInputs } from './metric-plan';

interface Parts extends PlanParts {
  readonly engine: EngineHost;
}

interface Services {
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly metrics: Metrics;
}

/** Plans of runs from their settings, with what the dataset and the engine are now. */
export class RunPlans {
  readonly #parts: Parts;
  readonly #services: Services;

  constructor(parts: Parts, services: Services) {
    this.#parts = parts;
    this.#services = services;
  }

  /** Whose speed a run's costs are told by. */
  async network({ dataset, recipe }: RoarSettings): Promise<MeasuredModel> {
    return networkOf(await this.#services.datasets.counts(dataset), recipe);
  }

  /**
   * @param rates null: costs are weights
   * @param owner null: of no run yet
   */
  async plan(
    settings: RoarSettings,
    rates: Rates | null,
    owner: RunInLedger | null,
  ): Promise<{ readonly plan: RoarPlan; readonly inputs: RunInputs }> {
    const { datasets, methods, metrics } = this.#services;
    const { dataset, recipe, images, seed } = settings;
    const engine = engineKey(await this.#parts.engine.ready());
    const labels = await datasets.labels(dataset, 'validation');
    const inputs: RunInputs = {
      settings,
      methods: methods.resolve(settings.methods, 'settings.methods'),
      operators: methods.operators,
      counts: await datasets.counts(dataset),
      size: this.#parts.trainings.checkpointSize(await this.network(settings), recipe),
      dataset: await datasets.key(dataset),
      engine,
      images: stratifiedIndices(labels, images, seed).map((image) => ({
        image,
        label: valueAt(labels, image),
      })),
      trainLabels: () => datasets.labels(dataset, 'train'),
      rates,
      owner,
    };
    const { plan } = metrics.get(settings.protocol, 'settings.protocol');
    return { plan: await plan(this.#parts, inputs), inputs };
  }
}
