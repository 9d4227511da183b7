import { defineStore } from 'pinia';
import { computed, type ComputedRef } from 'vue';
import { builtInCatalogues, type Catalogues } from '../../shared/catalogue/catalogues';
import { MetricCatalogue, type MetricDescriptor } from '../../shared/catalogue/metric';
import { type NetworkDescription } from '../../shared/catalogue/network';
import { OperatorCatalogue } from '../../shared/catalogue/operator-catalogue';
import { useClient } from '../api/client';
import { resource } from './resource';

/** As far as a page knows them. */
type PageCatalogues = Pick<Catalogues, 'operators' | 'metrics'> & {
  readonly networks: readonly NetworkDescription[];
};

const builtIn: PageCatalogues = {
  operators: builtInCatalogues.operators,
  metrics: builtInCatalogues.metrics,
  networks: builtInCatalogues.networks.list,
};

/** What there is to choose from: until core has answered, what Saliency Studio comes with. */
export const useCatalogues = defineStore('catalogues', () => {
  const client = useClient();
  const catalogues = resource<PageCatalogues>(builtIn, async () => {
    const { operators, networks, metrics } = await client.call('app.catalogues', {});
    return {
      operators: new OperatorCatalogue(operators),
      networks,
      metrics: new MetricCatalogue(metrics),
    };
  });
  client.onReconnect(() => void catalogues.load());
  return { catalogues: catalogues.value, load: catalogues.load };
});

/** The operators that methods are composed of. */
export function useOperators() {
  const store = useCatalogues();
  return computed(() => store.catalogues.operators);
}

/** The metrics that runs measure by. */
export function useMetrics(): ComputedRef<MetricCatalogue> {
  const store = useCatalogues();
  return computed(() => store.catalogues.metrics);
}

/** The metric of an id; until it is known, the usual one stands for it. */
export function useMetric(id: () => string): ComputedRef<MetricDescriptor> {
  const metrics = useMetrics();
  return computed(() => metrics.value.find(id()) ?? metrics.value.usual);
}
