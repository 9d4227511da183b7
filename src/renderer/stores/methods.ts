import { defineStore } from 'pinia';
import { builtInMethods, type Method } from '../../shared/catalogue/methods';
import { useClient } from '../api/client';
import { resource } from './resource';

/** Saliency methods: the built-in ones and those composed here. */
export const useMethods = defineStore('methods', () => {
  const client = useClient();
  const list = resource<Method[]>([...builtInMethods], () => client.call('methods.list', {}));
  client.onReconnect(() => void list.load());

  return {
    methods: list.value,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    byId: (id: string): Method | null =>
      list.value.value.find((method) => method.id === id) ?? null,
    async compose(composition: string, name: string): Promise<Method> {
      const method = await client.call('methods.compose', { composition, name });
      list.value.value = [...list.value.value.filter(({ id }) => id !== method.id), method];
      return method;
    },
    async remove(method: string): Promise<void> {
      await client.call('methods.remove', { method });
      list.value.value = list.value.value.filter(({ id }) => id !== method);
    },
  };
});
