import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type Forecast } from '../../../shared/records';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { specId } from '../jobs/item-spec';
import { bytesOf, knownItems } from '../jobs/plan-forecast';
import { stagesOf } from '../jobs/run-plan';
import { openChains } from '../jobs/simulate';
import { forecastByWorkers, type WorkerRates } from '../jobs/workers-forecast';
import { type RatesService } from '../models/rates';
import { type RunPlans } from './roar/run-plans';

/**
 * What a run would take: every item by measured rates, less what is stored already.
 *
 * @param assumed items, as 'stage item', that will be stored before the run begins
 */
export async function forecastRoar(
  parts: {
    readonly artifacts: ArtifactStore;
    readonly plans: RunPlans;
    readonly rates: RatesService;
    readonly workerRates: WorkerRates;
  },
  settings: RoarSettings,
  assumed: ReadonlySet<string> = new Set(),
): Promise<Forecast> {
  const { artifacts, plans } = parts;
  const rates = await parts.rates.measured(await plans.network(settings));
  const { plan } = await plans.plan(settings, rates, null);
  const known = new Set([...(await knownItems(artifacts, plan)), ...assumed]);
  const stages = stagesOf(plan).map(({ id, title, work, items }) => {
    const open = items.filter((item) => !known.has(specId(id, item.id)));
    return {
      id,
      title,
      seconds: open.reduce((sum, { cost }) => sum + cost, 0),
      work,
      reused: items.length - open.length,
      items: items.length,
    };
  });
  const chains = openChains(plan.specs, (stage, { id, cost }) =>
    known.has(specId(stage, id)) ? null : cost,
  );
  const { seconds, workers } = forecastByWorkers(chains, parts.workerRates());
  return {
    stages,
    seconds,
    workers,
    bytes: bytesOf(plan, known),
    freeBytes: await artifacts.freeBytes(),
    measuredOn: rates.on,
  };
}
