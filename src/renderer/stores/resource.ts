import { type Ref, ref, shallowRef } from 'vue';
import { type ErrorData, toErrorData } from '../../shared/errors';

/** Something loaded from core: its value, whether it loads, and why it could not be loaded. */
export interface Resource<T> {
  readonly value: Ref<T>;
  readonly loaded: Ref<boolean>;
  readonly loading: Ref<boolean>;
  readonly error: Ref<ErrorData | null>;
  /** Load again; calls that overlap share one request. */
  load(): Promise<void>;
}

export function resource<T>(initial: T, fetch: () => Promise<T>): Resource<T> {
  const value = shallowRef(initial) as Ref<T>;
  const loaded = ref(false);
  const loading = ref(false);
  const error = ref<ErrorData | null>(null);
  let current: Promise<void> | null = null;
  let again = false;

  async function run(): Promise<void> {
    loading.value = true;
    try {
      do {
        again = false;
        value.value = await fetch();
      } while (again);
      loaded.value = true;
      error.value = null;
    } catch (failure) {
      error.value = toErrorData(failure);
    } finally {
      loading.value = false;
      current = null;
    }
  }

  return {
    value,
    loaded,
    loading,
    error,
    load: () => {
      if (current) again = true;
      current ??= run();
      return current;
    },
  };
}
