import { ref, type Ref } from 'vue';
import { type ErrorData, toErrorData } from '../../shared/errors';

/** What a form sends: whether it is under way, and why it was refused, which the form shows. */
export function useSubmit(): {
  busy: Ref<boolean>;
  error: Ref<ErrorData | null>;
  submit: (work: () => Promise<unknown>) => Promise<void>;
} {
  const busy = ref(false);
  const error: Ref<ErrorData | null> = ref(null);
  return {
    busy,
    error,
    async submit(work) {
      busy.value = true;
      error.value = null;
      try {
        await work();
      } catch (failure) {
        error.value = toErrorData(failure);
      } finally {
        busy.value = false;
      }
    },
  };
}
