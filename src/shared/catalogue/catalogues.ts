import { DatasetCatalogue } from './datasets';
import { builtInDatasets } from './known-datasets';
import { MetricCatalogue } from './metric';
import { builtInMetrics } from './metrics';
import { NetworkCatalogue } from './network';
import { builtInNetworks } from './networks';
import { OperatorCatalogue } from './operator-catalogue';
import { builtInOperators } from './operators';

/**
 * What a programmer can add, as descriptors: data alone, which core, shells and pages read, and which
 * travels on the wire. Each kind has its algorithms elsewhere. Passed to `createApp`, never looked up.
 */
export interface Catalogues {
  readonly datasets: DatasetCatalogue;
  readonly metrics: MetricCatalogue;
  readonly networks: NetworkCatalogue;
  readonly operators: OperatorCatalogue;
}

/** What Saliency Studio comes with. */
export const builtInCatalogues: Catalogues = {
  datasets: new DatasetCatalogue(builtInDatasets),
  metrics: new MetricCatalogue(builtInMetrics),
  networks: new NetworkCatalogue(builtInNetworks),
  operators: new OperatorCatalogue(builtInOperators),
};
