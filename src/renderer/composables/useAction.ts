import { computed, ref, type Ref } from 'vue';
import { useToasts } from '../stores/toasts';

/** One of several actions, of which one is under way at a time; a toast says what goes wrong. */
export function useActions<Kind extends string>(): {
  busy: Ref<Kind | null>;
  act: (kind: Kind, work: () => Promise<unknown>) => Promise<void>;
} {
  const toasts = useToasts();
  const busy: Ref<Kind | null> = ref(null);
  return {
    busy,
    async act(kind, work) {
      busy.value = kind;
      try {
        await work();
      } catch (error) {
        toasts.bad(error);
      } finally {
        busy.value = null;
      }
    },
  };
}

/** An action: whether it is under way; a toast says what goes wrong. */
export function useAction(): {
  busy: Readonly<Ref<boolean>>;
  act: (work: () => Promise<unknown>) => Promise<void>;
} {
  const { busy, act } = useActions<'action'>();
  return { busy: computed(() => busy.value !== null), act: (work) => act('action', work) };
}
