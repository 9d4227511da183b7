import { defineStore } from 'pinia';
import { ref } from 'vue';
import { toErrorData } from '../../shared/errors';

export interface Toast {
  readonly id: number;
  readonly kind: 'good' | 'bad' | 'info';
  readonly message: string;
}

/** Short messages in the corner, read aloud by screen readers. */
export const useToasts = defineStore('toasts', () => {
  const toasts = ref<Toast[]>([]);
  let next = 1;

  function dismiss(id: number): void {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  }

  function show(kind: Toast['kind'], message: string): void {
    const id = next;
    next += 1;
    toasts.value = [...toasts.value.slice(-3), { id, kind, message }];
    setTimeout(() => dismiss(id), kind === 'bad' ? 12_000 : 5000);
  }

  return {
    toasts,
    dismiss,
    good: (message: string) => show('good', message),
    info: (message: string) => show('info', message),
    /** An error, or a sentence about one. */
    bad: (error: unknown) =>
      show('bad', typeof error === 'string' ? error : toErrorData(error).message),
  };
});
