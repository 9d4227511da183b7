import { computed, type ComputedRef, nextTick, watch } from 'vue';
import { useRoute } from 'vue-router';

/** What the address says is chosen, by a parameter of the route; null: nothing. */
export function useChosen(parameter: string): ComputedRef<string | null> {
  const route = useRoute();
  return computed(() => {
    const id = route.params[parameter];
    return typeof id === 'string' && id !== '' ? id : null;
  });
}

/** Another choice that fills the view starts at its top, and a screen reader starts with it. */
export function startAtTop(chosen: ComputedRef<unknown>): void {
  watch(chosen, async () => {
    await nextTick();
    const main = document.getElementById('main');
    main?.scrollTo({ top: 0 });
    main?.focus({ preventScroll: true });
  });
}
