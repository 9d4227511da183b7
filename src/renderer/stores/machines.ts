import { defineStore } from 'pinia';
import { computed } from 'vue';
import {
  type Machines,
  type QueueInput,
  type WorkerRecord,
  type Workplace,
} from '../../shared/machines';
import { useClient } from '../api/client';
import { resource } from './resource';

/** Other machines: the queue, who may join, and the workers that did. */
export const useMachines = defineStore('machines', () => {
  const client = useClient();
  const machines = resource<Machines | null>(null, () => client.call('machines.get', {}));
  const value = computed(() => machines.value.value);
  const workers = computed(() => value.value?.workers ?? []);

  client.on('machines.changed', () => void machines.load());
  client.onReconnect(() => void machines.load());

  function put(changed: Machines): void {
    machines.value.value = changed;
  }

  return {
    machines: value,
    loaded: machines.loaded,
    error: machines.error,
    load: machines.load,

    hasQueue: computed(() => value.value?.queue != null),
    /** Jobs are handed out to workers. */
    isUsed: computed(() => value.value?.queue != null && value.value.workplace !== 'here'),
    workers,
    atWork: computed(() => workers.value.filter(({ items }) => items.length > 0)),

    test: (address: QueueInput) => client.call('machines.test', address),
    setQueue: async (address: QueueInput) => put(await client.call('machines.setQueue', address)),
    forgetQueue: async () => put(await client.call('machines.forgetQueue', {})),
    setWork: async (workplace: Workplace, threads: number | null) =>
      put(await client.call('machines.setWork', { workplace, threads })),
    /** A new join: its file, to be fetched once. */
    async createJoin(name: string, listen: string | null) {
      const made = await client.call('machines.createJoin', { name, listen });
      await machines.load();
      return made;
    },
    revokeJoin: async (name: string) => put(await client.call('machines.revokeJoin', { name })),
    drain: async ({ name }: WorkerRecord, drain: boolean) =>
      put(await client.call('machines.drain', { worker: name, drain })),
  };
});
