import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';

export const themeModes = ['auto', 'light', 'dark'] as const;
export type ThemeMode = (typeof themeModes)[number];

const key = 'studio.theme';

function stored(): ThemeMode {
  const text = localStorage.getItem(key);
  return themeModes.find((mode) => mode === text) ?? 'auto';
}

/** Light, dark, or as the system has it; kept in this browser. */
export const useTheme = defineStore('theme', () => {
  const mode = ref<ThemeMode>(stored());
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const systemDark = ref(system.matches);
  const dark = computed(() => (mode.value === 'auto' ? systemDark.value : mode.value === 'dark'));

  function apply(): void {
    document.documentElement.classList.toggle('dark', dark.value);
    document.documentElement.classList.toggle('light', !dark.value);
  }

  function start(): void {
    system.addEventListener('change', (event) => {
      systemDark.value = event.matches;
    });
    // At once: charts read the colours from the page while they render.
    watch(dark, apply, { immediate: true, flush: 'sync' });
  }

  function set(next: ThemeMode): void {
    mode.value = next;
    localStorage.setItem(key, next);
  }

  return { mode, dark, start, set };
});
