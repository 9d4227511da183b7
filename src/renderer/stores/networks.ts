import { defineStore } from 'pinia';
import { computed } from 'vue';
import { type RunSettingsOf } from '../../shared/catalogue/complete-settings';
import { type NetworkDescription, takes } from '../../shared/catalogue/network';
import { type Looked, shapeSeen } from '../../shared/model-input';
import { useCatalogues } from './catalogues';
import { useDatasets } from './datasets';

/** The networks that can be trained and imported. */
export const useNetworks = defineStore('networks', () => {
  const store = useCatalogues();
  const datasets = useDatasets();
  const networks = computed(() => store.catalogues.networks);

  return {
    networks,
    byId: (id: string): NetworkDescription | null =>
      networks.value.find((network) => network.id === id) ?? null,
    /** What settings on a listed dataset are made from. */
    settingsOf: (dataset: string): RunSettingsOf => ({
      dataset: datasets.of(dataset),
      networks: networks.value,
      metrics: store.catalogues.metrics,
      operators: store.catalogues.operators,
    }),
    /** Those that take what is seen of a dataset's images. */
    fitting(dataset: string, looked: Looked | null = null): NetworkDescription[] {
      const { shape, classes } = datasets.of(dataset);
      const inputShape = shapeSeen(shape, looked);
      const data = { inputShape, classes: datasets.lacks(dataset) ? null : classes };
      return networks.value.filter((network) => takes(network, data));
    },
  };
});
