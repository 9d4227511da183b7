import { computed, type ComputedRef, ref, shallowRef, triggerRef } from 'vue';
import { type ErrorData, toErrorData } from '../../shared/errors';
import { type Resource, resource } from './resource';

interface Kept {
  readonly id: string;
  readonly createdAt: string;
}

export interface Records<T extends Kept> extends Resource<T[]> {
  readonly newestFirst: ComputedRef<readonly T[]>;
  byId(id: string): T | null;
  /** Take it up, in the place of what has its id. */
  put(record: T): void;
  drop(id: string): void;
}

/** All of what core keeps of a kind. */
export function records<T extends Kept>(fetch: () => Promise<T[]>): Records<T> {
  const list = resource<T[]>([], fetch);
  const without = (id: string) => list.value.value.filter((record) => record.id !== id);
  return {
    ...list,
    newestFirst: computed(() =>
      [...list.value.value].sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
    ),
    byId: (id) => list.value.value.find((record) => record.id === id) ?? null,
    put: (record) => (list.value.value = [...without(record.id), record]),
    drop: (id) => (list.value.value = without(id)),
  };
}

export interface Found<T> {
  of(id: string): T | null;
  failureOf(id: string): ErrorData | null;
  all(): ReadonlyMap<string, T>;
  /** Change what is there already. */
  change(id: string, to: (result: T) => T): void;
  drop(id: string): void;
  load(id: string): Promise<void>;
}

/** Results by the id of what they are of, each loaded when it is looked at. */
export function found<T>(
  fetch: (id: string) => Promise<T>,
  arrived: (result: T) => void,
): Found<T> {
  const results = shallowRef(new Map<string, T>());
  const failures = ref<Record<string, ErrorData>>({});
  return {
    of: (id) => results.value.get(id) ?? null,
    failureOf: (id) => failures.value[id] ?? null,
    all: () => results.value,
    change(id, to) {
      const result = results.value.get(id);
      if (result === undefined) return;
      results.value.set(id, to(result));
      triggerRef(results);
    },
    drop(id) {
      results.value.delete(id);
      triggerRef(results);
    },
    async load(id) {
      try {
        const result = await fetch(id);
        results.value.set(id, result);
        triggerRef(results);
        arrived(result);
        failures.value = Object.fromEntries(
          Object.entries(failures.value).filter(([key]) => key !== id),
        );
      } catch (error) {
        failures.value = { ...failures.value, [id]: toErrorData(error) };
      }
    },
  };
}
