import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { type Split } from '../../shared/catalogue/datasets';
import { builtInMethods, type Method } from '../../shared/catalogue/methods';
import { inBoth, type IndexRanges, isIn } from '../../shared/index-ranges';
import { useClient } from '../api/client';
import { resource } from './resource';

const splits = ['validation', 'train'] as const;
const keyOf = (method: string, split: Split) => `${method}/${split}`;

/** Saliency methods: the built-in ones, those composed here and those whose maps were made elsewhere. */
export const useMethods = defineStore('methods', () => {
  const client = useClient();
  const list = resource<Method[]>([...builtInMethods], () => client.call('methods.list', {}));
  client.onReconnect(() => void list.load());
  client.on('methods.changed', () => {
    coverage.value = {};
    void list.load();
  });

  /** The images that each method made elsewhere has maps of, as far as they are known. */
  const coverage = ref<Record<string, IndexRanges>>({});
  watch(
    list.value,
    async (methods) => {
      for (const { id, imported } of methods) {
        for (const split of splits) {
          if (!imported || keyOf(id, split) in coverage.value) continue;
          const found = await client
            .call('methods.covered', { methods: [id], split })
            .catch(() => null);
          if (found) coverage.value[keyOf(id, split)] = found.images ?? [];
        }
      }
    },
    { immediate: true },
  );

  const byId = (id: string): Method | null =>
    list.value.value.find((method) => method.id === id) ?? null;
  /** The images that a method has maps of; null: all, or not known yet. */
  const covered = (id: string, split: Split): IndexRanges | null =>
    byId(id)?.imported ? (coverage.value[keyOf(id, split)] ?? null) : null;

  return {
    methods: list.value,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    byId,
    covered,
    covers(id: string, split: Split, image: number): boolean {
      const images = covered(id, split);
      return images === null || isIn(images, image);
    },
    /** The images that all of some methods have maps of; null: all. */
    coveredByAll: (ids: readonly string[], split: Split): IndexRanges | null =>
      ids.reduce<IndexRanges | null>((all, id) => {
        const own = covered(id, split);
        if (all === null || own === null) return all ?? own;
        return inBoth(all, own);
      }, null),
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
