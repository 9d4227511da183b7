import { defineStore } from 'pinia';
import { ref } from 'vue';
import { type DatasetId } from '../../shared/catalogue/datasets';
import { type DatasetRecord } from '../../shared/records';
import { type RouteInput } from '../../shared/routes';
import { useClient } from '../api/client';
import { resource } from './resource';

/** The datasets of the catalogue and what is installed of them. */
export const useDatasets = defineStore('datasets', () => {
  const client = useClient();
  const list = resource<DatasetRecord[]>([], () => client.call('datasets.list', {}));
  const verifying = ref<DatasetId | null>(null);

  client.on('dataset.changed', () => void list.load());
  client.onReconnect(() => void list.load());

  async function verify(dataset: DatasetId): Promise<DatasetRecord> {
    verifying.value = dataset;
    try {
      const record = await client.call('datasets.verify', { dataset });
      list.value.value = list.value.value.map((item) => (item.id === record.id ? record : item));
      return record;
    } finally {
      verifying.value = null;
    }
  }

  return {
    datasets: list.value,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    verifying,
    verify,
    byId: (id: DatasetId): DatasetRecord | null =>
      list.value.value.find((item) => item.id === id) ?? null,
    images: (input: RouteInput<'datasets.images'>) => client.call('datasets.images', input),
  };
});
