import { defineStore } from 'pinia';
import { ref } from 'vue';
import { type DatasetId } from '../../shared/catalogue/datasets';
import { imageCounts } from '../../shared/image-counts';
import { type DatasetRecord } from '../../shared/records';
import { type RouteInput, type RouteOutput } from '../../shared/routes';
import { type Job } from '../../shared/jobs';
import { useClient } from '../api/client';
import { isLive, useJobs } from './jobs';
import { resource } from './resource';

/** The datasets of the catalogue and what is installed of them. */
export const useDatasets = defineStore('datasets', () => {
  const client = useClient();
  const jobs = useJobs();
  const list = resource<DatasetRecord[]>([], () => client.call('datasets.list', {}));
  const verifying = ref<DatasetId | null>(null);

  function put(record: DatasetRecord): void {
    list.value.value = list.value.value.map((item) => (item.id === record.id ? record : item));
  }

  client.on('dataset.changed', () => void list.load());
  client.onReconnect(() => void list.load());

  async function verify(dataset: DatasetId): Promise<DatasetRecord> {
    verifying.value = dataset;
    try {
      const record = await client.call('datasets.verify', { dataset });
      put(record);
      return record;
    } finally {
      verifying.value = null;
    }
  }

  /**
   * The newest install of a dataset, while it is under way or where it ended short of its end and
   * nothing was installed since.
   */
  function installOf({ id, origin }: Pick<DatasetRecord, 'id' | 'origin'>): Job | null {
    const newest = jobs.jobs.find(({ kind, subject }) => kind === 'dataset' && subject === id);
    if (!newest || newest.state === 'done') return null;
    if (isLive(newest)) return newest;
    const since = origin !== null && origin.installedAt > (newest.finishedAt ?? newest.createdAt);
    return since ? null : newest;
  }

  async function install(input: RouteInput<'datasets.install'>): Promise<Job> {
    const { job } = await client.call('datasets.install', input);
    jobs.put(job);
    return job;
  }

  return {
    datasets: list.value,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    verifying,
    verify,
    installOf,
    install,
    async remove(dataset: DatasetId): Promise<void> {
      put(await client.call('datasets.remove', { dataset }));
    },
    /** Folders and archives of this machine. */
    files: (path: string | null): Promise<RouteOutput<'files.list'>> =>
      client.call('files.list', { path }),
    byId: (id: DatasetId): DatasetRecord | null =>
      list.value.value.find((item) => item.id === id) ?? null,
    /** Known to be missing or unreadable; not before the datasets were listed. */
    lacks(id: DatasetId): boolean {
      const record = list.value.value.find((item) => item.id === id);
      return record !== undefined && record.state !== 'installed';
    },
    countsOf: (id: DatasetId) => imageCounts(list.value.value, id),
    /** So many validation images, or as many as there are. */
    atMost: (id: DatasetId, count: number): number =>
      Math.max(1, Math.min(count, imageCounts(list.value.value, id).validation)),
    images: (input: RouteInput<'datasets.images'>) => client.call('datasets.images', input),
  };
});
