import { type ComputedRef, nextTick, onMounted, watch } from 'vue';
import { useChosen } from '../../composables/useChosen';
import { useStudies } from '../../stores/studies';

/** The study of the address, which fills the view; null: all of them. They are listed anew. */
export function useChosenStudy(): ComputedRef<string | null> {
  const studies = useStudies();
  const study = useChosen('study');
  onMounted(() => void studies.load());
  // Another choice starts at its top, and a screen reader starts with it.
  watch(study, async () => {
    await nextTick();
    const main = document.getElementById('main');
    main?.scrollTo({ top: 0 });
    main?.focus({ preventScroll: true });
  });
  return study;
}
