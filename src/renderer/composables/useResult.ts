import { computed, type ComputedRef, watch } from 'vue';
import { type ErrorData } from '../../shared/errors';

/** A store that holds results by the id of what they are of. */
interface Results<T> {
  resultOf(id: string): T | null;
  failureOf(id: string): ErrorData | null;
  loadResult(id: string): Promise<void>;
}

/** How far the result of a record is. */
export interface Loading {
  /** Why it could not be loaded. */
  readonly failure: ErrorData | null;
  readonly retry: () => Promise<void>;
  /** It is there. */
  readonly loaded: boolean;
}

/** The result of the record that a page shows, loaded once it is looked at. */
export function useResult<T>(
  id: () => string,
  store: Results<T>,
): { result: ComputedRef<T | null>; loading: ComputedRef<Loading> } {
  watch(id, (record) => void store.loadResult(record), { immediate: true });
  const result = computed(() => store.resultOf(id()));
  const loading = computed(() => ({
    failure: store.failureOf(id()),
    retry: () => store.loadResult(id()),
    loaded: result.value !== null,
  }));
  return { result, loading };
}
