import { computed, ref, watch } from 'vue';
import { type Split } from '../../shared/catalogue/datasets';
import { labelledImages } from '../pixels/labelled-images';
import { thumbnailPixels, usePixelRatio } from '../pixels/sharp-zoom';
import { useDatasets } from '../stores/datasets';
import { useLatest } from './useLatest';

interface Parts {
  readonly dataset: () => string;
  readonly split: () => Split;
  /** Images of a page. */
  readonly size: number;
  /** Whether they are looked at: else nothing is loaded. */
  readonly open?: () => boolean;
}

/** A dataset's images with their labels, of one class or all, a page at a time. */
export function useImagePages({ dataset, split, size, open = () => true }: Parts) {
  const datasets = useDatasets();
  const ratio = usePixelRatio();
  const label = ref<number | null>(null);
  const page = ref(0);
  const { answer, asking, error, ask } = useLatest(
    () =>
      open()
        ? {
            dataset: dataset(),
            split: split(),
            label: label.value,
            offset: page.value * size,
            limit: size,
            side: thumbnailPixels(ratio.value),
          }
        : null,
    async (input) => {
      const found = await datasets.images(input);
      return { total: found.total, images: labelledImages(found) };
    },
    { keep: true, patienceMs: 0 },
  );
  // Another dataset has other classes.
  watch(dataset, () => (label.value = null));
  watch([dataset, split, label], () => (page.value = 0));
  return {
    label,
    page,
    pages: computed(() => Math.max(1, Math.ceil((answer.value?.total ?? 0) / size))),
    answer,
    asking,
    error,
    ask,
  };
}
