import { defineStore } from 'pinia';
import { datasetEntry, type DatasetId } from '../../shared/catalogue/datasets';
import { type NetworkDescription, takes } from '../../shared/catalogue/network';
import { builtInNetworks } from '../../shared/catalogue/networks';
import { useClient } from '../api/client';
import { useDatasets } from './datasets';
import { resource } from './resource';

/** The networks that can be trained and imported. */
export const useNetworks = defineStore('networks', () => {
  const client = useClient();
  const datasets = useDatasets();
  const list = resource<NetworkDescription[]>([...builtInNetworks], () =>
    client.call('networks.list', {}),
  );
  client.onReconnect(() => void list.load());

  return {
    networks: list.value,
    error: list.error,
    load: list.load,
    byId: (id: string): NetworkDescription | null =>
      list.value.value.find((network) => network.id === id) ?? null,
    /** Those that take a dataset's images. */
    fitting(dataset: DatasetId): NetworkDescription[] {
      const installed = datasets.byId(dataset)?.classes.length;
      const data = { inputShape: datasetEntry(dataset).shape, classes: installed || null };
      return list.value.value.filter((network) => takes(network, data));
    },
  };
});
