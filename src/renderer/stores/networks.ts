import { defineStore } from 'pinia';
import { computed } from 'vue';
import { datasetEntry, type DatasetId } from '../../shared/catalogue/datasets';
import { type NetworkDescription, takes } from '../../shared/catalogue/network';
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
    /** Those that take a dataset's images. */
    fitting(dataset: DatasetId): NetworkDescription[] {
      const installed = datasets.byId(dataset)?.classes.length;
      const data = { inputShape: datasetEntry(dataset).shape, classes: installed || null };
      return networks.value.filter((network) => takes(network, data));
    },
  };
});
