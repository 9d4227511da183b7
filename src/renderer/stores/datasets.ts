import { LRUCache } from 'lru-cache';
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { builtInCatalogues } from '../../shared/catalogue/catalogues';
import { type DatasetFacts, type KnownDataset } from '../../shared/catalogue/datasets';
import { factsOf } from '../../shared/dataset-facts';
import { type EventOf } from '../../shared/events';
import { type DatasetRecord } from '../../shared/records';
import { type RouteInput, type RouteOutput } from '../../shared/routes';
import { type Job } from '../../shared/jobs';
import { useClient } from '../api/client';
import { isLive, useJobs } from './jobs';
import { resource } from './resource';

/** Bytes of pages of images that are kept. */
const keptBytes = 96 * 2 ** 20;

/** The datasets that are known or here, and what is installed of them. */
export const useDatasets = defineStore('datasets', () => {
  const client = useClient();
  const jobs = useJobs();
  const list = resource<DatasetRecord[]>([], () => client.call('datasets.list', {}));
  /** As settings are made for them: until core has answered, those that Saliency Studio comes with. */
  const all = computed((): readonly DatasetFacts[] =>
    list.value.value.length > 0 ? list.value.value.map(factsOf) : builtInCatalogues.datasets.list,
  );
  const find = (id: string): DatasetFacts | null =>
    all.value.find((facts) => facts.id === id) ?? null;
  /** One that was chosen from `all`. Throws RangeError for another: records may name such a one. */
  function of(id: string): DatasetFacts {
    const facts = find(id);
    if (!facts) throw new RangeError(`no dataset ${id} is listed`);
    return facts;
  }
  /** Known to be missing or unreadable; not before the datasets were listed. */
  function lacks(id: string): boolean {
    const record = list.value.value.find((item) => item.id === id);
    return record !== undefined && record.state !== 'installed';
  }
  const verifying = ref<string | null>(null);

  function put(record: DatasetRecord): void {
    list.value.value = list.value.value.map((item) => (item.id === record.id ? record : item));
  }

  client.on('dataset.changed', () => void list.load());
  client.onReconnect(() => void list.load());

  async function verify(dataset: string): Promise<DatasetRecord> {
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

  function isInstalling(dataset: Pick<DatasetRecord, 'id' | 'origin'>): boolean {
    const job = installOf(dataset);
    return job !== null && isLive(job);
  }

  /** Pages of images that came: looked at again, their pixels do not travel again. */
  const pages = new LRUCache<string, Promise<RouteOutput<'datasets.images'>>>({
    maxSize: keptBytes,
  });
  client.on('dataset.changed', () => pages.clear());

  function images(input: RouteInput<'datasets.images'>): Promise<RouteOutput<'datasets.images'>> {
    const { dataset, split, label, offset, limit, side } = input;
    const key = JSON.stringify([dataset, split, label, offset, limit, side]);
    const kept = pages.get(key);
    if (kept) return kept;
    const asked = client.call('datasets.images', input);
    pages.set(key, asked, { size: 1 });
    const still = () => pages.peek(key) === asked;
    asked.then(
      ({ pixels }) => {
        if (!still()) return;
        // The cache takes no other size for what it has already.
        pages.delete(key);
        pages.set(key, asked, { size: Math.max(1, pixels.data.length) });
      },
      // One that failed is asked for again.
      () => {
        if (still()) pages.delete(key);
      },
    );
    return asked;
  }

  async function install(input: RouteInput<'datasets.install'>): Promise<Job> {
    const { job } = await client.call('datasets.install', input);
    jobs.put(job);
    return job;
  }

  /** The newest import of one's own images, while it is under way or where it ended short of its end. */
  const importing = computed(() => {
    const newest = jobs.jobs.find(({ kind }) => kind === 'images');
    return newest && newest.state !== 'done' && newest.id !== dismissed.value ? newest : null;
  });
  /** One that failed and was seen to be. */
  const dismissed = ref<string | null>(null);

  /** How far the look at images is that was asked for last; null: nothing was said of it yet. */
  const look = ref<EventOf<'preview.progress'> | null>(null);
  const self = crypto.randomUUID();
  let looks = 0;
  const lookRequest = () => `${self}.${looks}`;
  client.on('preview.progress', (event) => {
    if (event.request === lookRequest()) look.value = event;
  });

  /** The export of a dataset under way. */
  const exportOf = (id: string): Job | null =>
    jobs.jobs.find((job) => job.kind === 'export' && job.subject === id && isLive(job)) ?? null;

  return {
    datasets: list.value,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    verifying,
    verify,
    installOf,
    isInstalling,
    install,
    importing,
    /** An import that ended early is given up: nothing of it stays. */
    async dismiss(job: string): Promise<void> {
      await client.call('datasets.dropImport', { job });
      dismissed.value = job;
    },
    async leaveOut(job: string): Promise<void> {
      jobs.put((await client.call('datasets.leaveOut', { job })).job);
    },
    exportOf,
    look,
    preview(input: RouteInput<'datasets.previewImages'>) {
      looks += 1;
      look.value = null;
      return client.call('datasets.previewImages', { ...input, request: lookRequest() });
    },
    samples: (input: RouteInput<'datasets.sampleImages'>) =>
      client.call('datasets.sampleImages', input),
    cancelPreview: () => void client.call('datasets.cancelPreview', {}).catch(() => undefined),
    async addImages(input: RouteInput<'datasets.importImages'>): Promise<Job> {
      const { job } = await client.call('datasets.importImages', input);
      jobs.put(job);
      return job;
    },
    imported: (dataset: string) => client.call('datasets.imported', { dataset }),
    refused: (input: RouteInput<'datasets.refused'>) => client.call('datasets.refused', input),
    exportRefused: (dataset: string) => client.call('datasets.refusedExport', { dataset }),
    rename: async (dataset: string, name: string) =>
      put(await client.call('datasets.rename', { dataset, name })),
    describe: async (input: RouteInput<'datasets.describe'>) =>
      put(await client.call('datasets.describe', input)),
    async export(dataset: string): Promise<Job> {
      const { job } = await client.call('datasets.export', { dataset });
      jobs.put(job);
      return job;
    },
    exported: (job: string) => client.call('datasets.exported', { job }),
    users: (dataset: string) => client.call('datasets.users', { dataset }),
    async remove(dataset: string): Promise<void> {
      put(await client.call('datasets.remove', { dataset }));
    },
    /** Folders and archives of this machine. */
    files: (path: string | null, lists = false): Promise<RouteOutput<'files.list'>> =>
      client.call('files.list', { path, lists }),
    byId: (id: string): DatasetRecord | null =>
      list.value.value.find((item) => item.id === id) ?? null,
    all,
    /** Null for one that a record names and that is not listed any more. */
    find,
    of,
    lacks,
    /** The first that is there: one comes with the product. */
    first: computed(() => (all.value.find(({ id }) => !lacks(id)) ?? all.value[0])?.id ?? ''),
    /** What is known of the whole of one; null: nothing. */
    knownOf: (id: string): KnownDataset | null => {
      const record = list.value.value.find((item) => item.id === id);
      return (record ? record.known : builtInCatalogues.datasets.find(id)) ?? null;
    },
    nameOf: (id: string): string => find(id)?.name ?? id,
    /** So many validation images, or as many as there are. */
    atMost: (id: string, count: number): number => Math.max(1, Math.min(count, of(id).validation)),
    images,
    masks: (input: RouteInput<'datasets.masks'>) => client.call('datasets.masks', input),
  };
});
