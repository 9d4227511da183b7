import { computed, ref, watch } from 'vue';
import { type ErrorData, toErrorData } from '../../../shared/errors';
import { useMachines } from '../../stores/machines';
import { useStatus } from '../../stores/status';
import { queueErrors, queueForm, queueInput } from './queue-form';

/** The address of the queue being typed, tried and kept. */
export function useQueueForm(saved: () => void = () => undefined) {
  const machines = useMachines();
  const status = useStatus();
  const form = ref(queueForm(machines.machines?.queue ?? null));
  const underWay = ref<'test' | 'save' | null>(null);
  const answer = ref<string | null>(null);
  const error = ref<ErrorData | null>(null);
  const errors = computed(() => queueErrors(form.value));

  // What was said is of another address.
  watch(
    form,
    () => {
      answer.value = null;
      error.value = null;
    },
    { deep: true },
  );

  async function attempt(kind: 'test' | 'save', work: () => Promise<void>): Promise<void> {
    underWay.value = kind;
    answer.value = null;
    error.value = null;
    try {
      await work();
    } catch (failure) {
      error.value = toErrorData(failure);
    } finally {
      underWay.value = null;
    }
  }

  return {
    form,
    errors,
    answer,
    error,
    ready: computed(() => !status.readOnly && Object.keys(errors.value).length === 0),
    testing: computed(() => underWay.value === 'test'),
    saving: computed(() => underWay.value === 'save'),
    /** As it is stored now. */
    reset: () => {
      form.value = queueForm(machines.machines?.queue ?? null);
    },
    test: () =>
      attempt('test', async () => {
        const { version } = await machines.test(await queueInput(form.value));
        answer.value = `${version} answers, and can be used.`;
      }),
    save: () =>
      attempt('save', async () => {
        await machines.setQueue(await queueInput(form.value));
        saved();
      }),
  };
}
