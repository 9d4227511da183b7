import { onScopeDispose, ref, type Ref, shallowRef, watch } from 'vue';
import { type ErrorData, toErrorData } from '../../shared/errors';

/** What was asked and answered, as components take it. */
export interface Asked<Answer> {
  readonly answer: Answer | null;
  readonly asking: boolean;
  readonly error: ErrorData | null;
  ask(): Promise<void>;
}

export interface Latest<Answer> {
  /** What was answered last; null: nothing, or a refusal. */
  readonly answer: Ref<Answer | null>;
  readonly asking: Ref<boolean>;
  readonly error: Ref<ErrorData | null>;
  /** Ask at once. */
  ask(): Promise<void>;
}

/**
 * What core answers to an input, asked again a moment after each change of it: an answer to an older
 * one is passed over.
 *
 * @param input what is asked; null: nothing can be asked now
 * @param also what else an answer depends on
 * @param keep an answer stays while nothing can be asked
 * @param patienceMs how long a change waits for the next one; the first question waits for nothing
 */
export function useLatest<Input, Answer>(
  input: () => Input | null,
  request: (input: Input) => Promise<Answer>,
  {
    also = () => null,
    keep = false,
    patienceMs = 250,
  }: { also?: () => unknown; keep?: boolean; patienceMs?: number } = {},
): Latest<Answer> {
  const answer = shallowRef<Answer | null>(null);
  const asking = ref(false);
  const error = ref<ErrorData | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;

  async function ask(): Promise<void> {
    const wanted = input();
    latest += 1;
    const own = latest;
    if (wanted === null) return;
    asking.value = true;
    try {
      const found = await request(wanted);
      if (own !== latest) return;
      answer.value = found;
      error.value = null;
    } catch (failure) {
      if (own !== latest) return;
      answer.value = null;
      error.value = toErrorData(failure);
    } finally {
      if (own === latest) asking.value = false;
    }
  }

  watch(
    () => JSON.stringify([input(), also()]),
    (_, before) => {
      clearTimeout(timer);
      latest += 1;
      asking.value = false;
      error.value = null;
      if (input() !== null) {
        timer = setTimeout(() => void ask(), before === undefined ? 0 : patienceMs);
      } else if (!keep) answer.value = null;
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));
  return { answer, asking, error, ask };
}
