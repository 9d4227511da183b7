import { shallowRef, triggerRef, watch } from 'vue';
import { fromWire, type NdArray } from '../../../shared/arrays';
import { sliceImage } from '../../../shared/display/slice';
import { useDatasets } from '../../stores/datasets';

export interface Thumbnail {
  readonly pixels: NdArray;
  readonly label: number;
}

/** Pictures of single images of a validation split, each loaded once while a view is open. */
export function useThumbnails(
  wanted: () => { dataset: string; indices: readonly number[] },
): (index: number) => Thumbnail | null {
  const datasets = useDatasets();
  const cache = shallowRef(new Map<string, Thumbnail | null>());
  const keyOf = (dataset: string, index: number) => `${dataset}/${index}`;

  async function load(dataset: string, index: number): Promise<void> {
    const key = keyOf(dataset, index);
    cache.value.set(key, null);
    try {
      const { pixels, labels } = await datasets.images({ dataset, offset: index, limit: 1 });
      const image = fromWire(pixels);
      if ((image.shape[0] ?? 0) === 0) return;
      cache.value.set(key, { pixels: sliceImage(image, 0), label: labels[0] ?? 0 });
      triggerRef(cache);
    } catch {
      // A picture is a help: without it the index stands alone, and a later look tries again.
      cache.value.delete(key);
    }
  }

  watch(
    wanted,
    ({ dataset, indices }) => {
      for (const index of indices) {
        if (Number.isInteger(index) && !cache.value.has(keyOf(dataset, index))) {
          void load(dataset, index);
        }
      }
    },
    { immediate: true, deep: true },
  );

  return (index) => cache.value.get(keyOf(wanted().dataset, index)) ?? null;
}
