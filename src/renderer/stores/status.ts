import { defineStore } from 'pinia';
import { computed } from 'vue';
import { type Status } from '../../shared/records';
import { useClient } from '../api/client';
import { resource } from './resource';

/** Version, engine and device, what exists, and the disk. */
export const useStatus = defineStore('status', () => {
  const client = useClient();
  const status = resource<Status | null>(null, () => client.call('app.status', {}));

  client.on('engine.changed', ({ engine }) => {
    if (status.value.value) status.value.value = { ...status.value.value, engine };
    void status.load();
  });
  for (const type of ['model.changed', 'run.changed', 'study.changed'] as const) {
    client.on(type, () => void status.load());
  }
  client.onReconnect(() => void status.load());

  const engine = computed(() => status.value.value?.engine ?? null);
  const readOnly = computed(() => status.value.value?.access === 'read');
  const engineReady = computed(() => engine.value?.state === 'ready');

  async function collect(): Promise<{ artifacts: number; bytes: number }> {
    const freed = await client.call('disk.collect', {});
    await status.load();
    return freed;
  }

  return {
    status: status.value,
    loaded: status.loaded,
    error: status.error,
    load: status.load,
    engine,
    engineReady,
    readOnly,
    collect,
  };
});
