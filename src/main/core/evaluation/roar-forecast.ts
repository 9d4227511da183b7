import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type Method } from '../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type Forecast } from '../../../shared/records';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineHost } from '../engine/engine-host';
import { networkOf } from '../models/model-form';
import { type ModelsRepository } from '../models/models-repository';
import { type RatesService } from '../models/rates';
import { bytesOf } from './forecast-bytes';
import { workOf } from './forecast-work';
import { knownItems } from './known-items';
import { runStages } from './roar/plan';
import { type MethodsService } from '../maps/methods';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'networks'>;
  readonly engine: EngineHost;
  readonly models: ModelsRepository;
}

/**
 * What a run would take: every item by measured rates, less what is stored already.
 *
 * @param assumed items, as 'stage item', that will be stored before the run begins
 */
export async function forecastRoar(
  parts: Parts,
  services: { datasets: DatasetsService; rates: RatesService; methods: MethodsService },
  settings: RoarSettings,
  methods: readonly Method[],
  assumed: ReadonlySet<string> = new Set(),
): Promise<Forecast> {
  const { operators } = services.methods;
  const counts = await services.datasets.counts(settings.dataset);
  const network = networkOf(counts, settings.recipe);
  const rates = await services.rates.measured(network);
  const stages = runStages(operators, settings, methods, counts, rates);
  const stored = await knownItems(parts, operators, services.datasets, settings, methods);
  const known = new Set([...stored, ...assumed]);
  const work = workOf(operators, settings, methods, counts);
  const planned = stages.map((stage) => {
    const isKnown = (id: string) => known.has(`${stage.id} ${id}`);
    const open = stage.items.filter(({ id }) => !isKnown(id));
    return {
      id: stage.id,
      title: stage.title,
      seconds: open.reduce((sum, { cost }) => sum + cost, 0),
      work: work[stage.id] ?? '',
      reused: stage.items.length - open.length,
      items: stage.items.length,
    };
  });
  return {
    stages: planned,
    seconds: planned.reduce((sum, { seconds }) => sum + seconds, 0),
    bytes: bytesOf(stages, known, settings, counts, parts.catalogues.networks),
    freeBytes: await parts.artifacts.freeBytes(),
    measuredOn: rates.on,
  };
}
