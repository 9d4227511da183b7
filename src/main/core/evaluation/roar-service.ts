import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { type RoarInput, type RoarSettings } from '../../../shared/catalogue/roar';
import { type NewId } from '../../../shared/ids';
import { type Forecast } from '../../../shared/records';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { ledgerStages } from '../jobs/run-plan';
import { type Scheduler } from '../jobs/scheduler';
import { type WorkerRates } from '../jobs/workers-forecast';
import { type RatesService } from '../models/rates';
import { type CheckedSettings } from './checked-settings';
import { forecastRoar } from './roar-forecast';
import { type RunPlans } from './roar/run-plans';
import { type RoarResults } from './roar-results';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly checkedSettings: (input: RoarInput) => Promise<CheckedSettings>;
  readonly catalogues: Pick<Catalogues, 'metrics'>;
  readonly newId: NewId;
  readonly plans: RunPlans;
  readonly rates: RatesService;
  readonly results: RoarResults;
  readonly runs: RunsRepository;
  readonly scheduler: Scheduler;
  readonly workerRates: WorkerRates;
}

/** RemOve And Retrain runs: what one would take, and its start. */
export class RoarService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param assumed items, as 'stage item', that will be stored before the run begins */
  async forecast(
    input: RouteParsed<'roar.forecast'>,
    assumed?: ReadonlySet<string>,
  ): Promise<Forecast> {
    const { settings } = await this.#parts.checkedSettings(input.settings);
    return forecastRoar(this.#parts, settings, assumed);
  }

  async start(input: RouteParsed<'roar.start'>): Promise<RouteOutput<'roar.start'>> {
    const { catalogues, checkedSettings, newId, plans, results, runs, scheduler } = this.#parts;
    const { settings, dataset, metric } = await checkedSettings(input.settings);
    const { plan } = await plans.plan(settings, null, null);
    const { metrics } = catalogues;
    const run = newId('run');
    const name = input.name ?? nameOf(settings, dataset, metric, metrics.usual);
    const stages = ledgerStages(plan);
    const job = scheduler.start(
      { kind: 'roar', title: `ROAR: ${name}`, subject: run, input: { run }, stages },
      ({ id, createdAt }) => runs.insert({ id: run, name, settings, job: id, createdAt }),
    );
    return { run: results.run(run), job };
  }
}

/** What a run is called until somebody names it. */
function nameOf(
  { images, levels, protocol, seed }: RoarSettings,
  { name }: DatasetFacts,
  { result }: MetricDescriptor,
  usual: MetricDescriptor,
): string {
  const how = protocol === usual.id ? '' : `, ${protocol}`;
  const along = result === 'curve' ? `, ${levels.length} levels` : '';
  return `${name}${how}, ${images} ${images === 1 ? 'image' : 'images'}${along}, seed ${seed}`;
}
