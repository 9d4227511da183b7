import { shallowRef, triggerRef, watch } from 'vue';
import { labelledImages, type LabelledImage } from '../../pixels/labelled-images';
import { thumbnailPixels, usePixelRatio } from '../../pixels/sharp-zoom';
import { useDatasets } from '../../stores/datasets';

/** Pictures of single images of a validation split, each loaded once while a view is open. */
export function useThumbnails(
  wanted: () => { dataset: string; indices: readonly number[] },
): (index: number) => LabelledImage | null {
  const datasets = useDatasets();
  const ratio = usePixelRatio();
  const cache = shallowRef(new Map<string, LabelledImage | null>());
  const keyOf = (dataset: string, index: number) => `${dataset}/${index}`;

  async function load(dataset: string, index: number): Promise<void> {
    const key = keyOf(dataset, index);
    cache.value.set(key, null);
    try {
      const answer = await datasets.images({
        dataset,
        offset: index,
        limit: 1,
        side: thumbnailPixels(ratio.value),
      });
      const [image] = labelledImages(answer);
      if (!image) return;
      cache.value.set(key, image);
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
