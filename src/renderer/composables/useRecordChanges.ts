import { type Ref } from 'vue';
import { useRouter } from 'vue-router';
import { useQuestions } from '../stores/questions';
import { useToasts } from '../stores/toasts';
import { useAction } from './useAction';

interface Parts {
  /** What it is, in a word: 'run'. */
  readonly what: string;
  /** The name that can be changed. */
  readonly name: () => string;
  /** What it is called in full; by default its name. */
  readonly fullName?: () => string;
  /** What its removal takes away, in sentences. */
  readonly loss: () => string;
  readonly rename: (name: string) => Promise<unknown>;
  readonly remove: () => Promise<unknown>;
  /** The route to be at once it is removed. */
  readonly after: string;
}

/** Renaming a record and removing it, each after a question. */
export function useRecordChanges(parts: Parts): {
  changing: Readonly<Ref<boolean>>;
  rename: () => Promise<void>;
  remove: () => Promise<void>;
} {
  const { what, name, fullName = name } = parts;
  const questions = useQuestions();
  const toasts = useToasts();
  const router = useRouter();
  const { busy, act } = useAction();
  return {
    changing: busy,
    async rename() {
      const wanted = await questions.rename(`Rename the ${what}`, name());
      if (wanted !== null) await act(() => parts.rename(wanted));
    },
    async remove() {
      const removed = fullName();
      const sure = await questions.sure({
        title: `Remove the ${what}?`,
        text: parts.loss(),
        yes: 'Remove',
        no: 'Keep',
        danger: true,
      });
      if (!sure) return;
      await act(async () => {
        await parts.remove();
        toasts.good(`${removed} was removed.`);
        await router.replace({ name: parts.after });
      });
    },
  };
}
