import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { type ExportFile } from '../../shared/export-file';
import { type ModelRecord } from '../../shared/records';
import { type RouteInput } from '../../shared/routes';
import { type WeightsInspection } from '../../shared/weights-inspection';
import { useClient } from '../api/client';
import { useJobs } from './jobs';
import { resource } from './resource';

/** Trained and imported models, newest first. */
export const useModels = defineStore('models', () => {
  const client = useClient();
  const jobs = useJobs();
  const list = resource<ModelRecord[]>([], () => client.call('models.list', {}));

  const models = computed(() =>
    [...list.value.value].sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
  );
  const ready = computed(() => models.value.filter((model) => model.state === 'ready'));
  /** What maps are made with: models of unharmed images (t = 0). */
  const base = computed(() => ready.value.filter((model) => model.removal.level === 0));

  function put(model: ModelRecord): void {
    const others = list.value.value.filter((other) => other.id !== model.id);
    list.value.value = [...others, model];
  }

  client.on('model.changed', () => void list.load());
  client.on('model.epoch', ({ model: id, epoch }) => {
    const model = list.value.value.find((candidate) => candidate.id === id);
    if (!model) return void list.load();
    const epochs = [...model.epochs.filter((past) => past.epoch !== epoch.epoch), epoch];
    put({ ...model, epochs: epochs.sort((a, b) => a.epoch - b.epoch) });
  });
  const look = ref<{ readonly upload: string; readonly share: number } | null>(null);
  client.on('weights.progress', ({ upload, share }) => (look.value = { upload, share }));
  client.onReconnect(() => void list.load());

  return {
    models,
    ready,
    base,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    byId: (id: string): ModelRecord | null =>
      list.value.value.find((model) => model.id === id) ?? null,
    /** The name of a model of such weights. */
    nameOfWeights: (sha256: string): string | null =>
      ready.value.find((model) => model.sha256 === sha256)?.name ?? null,
    startFrom: (dataset: string, model: string) =>
      client.call('models.startFrom', { dataset, model }),
    async train(input: RouteInput<'models.train'>): Promise<ModelRecord> {
      const { job, model } = await client.call('models.train', input);
      put(model);
      jobs.put(job);
      return model;
    },
    rename: async (model: string, name: string) =>
      put(await client.call('models.rename', { model, name })),
    async remove(model: string): Promise<void> {
      await client.call('models.remove', { model });
      list.value.value = list.value.value.filter((other) => other.id !== model);
    },
    exportWeights: (model: string): Promise<ExportFile> => client.call('models.export', { model }),
    inspect: (input: RouteInput<'models.inspectFile'>): Promise<WeightsInspection> =>
      client.call('models.inspectFile', input),
    /** How far the look into a file is that was sent, from 0 to 1; null: nothing is told yet. */
    lookAt: (upload: string): number | null =>
      look.value?.upload === upload ? look.value.share : null,
    cancelInspect: () => void client.call('models.cancelInspect', {}).catch(() => undefined),
    /** Measures a model's accuracy; answers with the job that does. */
    async test(model: string): Promise<string> {
      const { job } = await client.call('models.test', { model });
      jobs.put(job);
      return job.id;
    },
    async predictions(model: string) {
      const { images } = await client.call('models.predictions', { model });
      return images;
    },
    async importWeights(input: RouteInput<'models.import'>): Promise<ModelRecord> {
      const model = await client.call('models.import', input);
      put(model);
      return model;
    },
  };
});
