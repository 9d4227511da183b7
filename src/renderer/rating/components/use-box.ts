import { onBeforeUnmount, onMounted, type Ref, ref } from 'vue';

/** The size of an element's inside in CSS pixels, and screen pixels for each of them. */
export function useBox(element: Readonly<Ref<HTMLElement | null>>): {
  width: Ref<number>;
  height: Ref<number>;
  pixelRatio: Ref<number>;
} {
  const width = ref(0);
  const height = ref(0);
  const pixelRatio = ref(window.devicePixelRatio || 1);

  function measure(): void {
    pixelRatio.value = window.devicePixelRatio || 1;
    width.value = element.value?.clientWidth ?? 0;
    height.value = element.value?.clientHeight ?? 0;
  }

  const observer = new ResizeObserver(measure);
  onMounted(() => {
    measure();
    if (element.value) observer.observe(element.value);
    window.addEventListener('resize', measure);
  });
  onBeforeUnmount(() => {
    observer.disconnect();
    window.removeEventListener('resize', measure);
  });
  return { width, height, pixelRatio };
}
