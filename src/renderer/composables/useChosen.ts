import { computed, type ComputedRef } from 'vue';
import { useRoute } from 'vue-router';

/** What the address says is chosen, by a parameter of the route; null: nothing. */
export function useChosen(parameter: string): ComputedRef<string | null> {
  const route = useRoute();
  return computed(() => {
    const id = route.params[parameter];
    return typeof id === 'string' && id !== '' ? id : null;
  });
}
