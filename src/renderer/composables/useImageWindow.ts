import { computed, type Ref, ref, shallowRef, triggerRef, watch } from 'vue';
import { type Split } from '../../shared/catalogue/datasets';
import { type ErrorData, toErrorData } from '../../shared/errors';
import { labelledImages, type LabelledImage } from '../pixels/labelled-images';
import { thumbnailPixels, usePixelRatio } from '../pixels/sharp-zoom';
import { useDatasets } from '../stores/datasets';

interface Parts {
  readonly dataset: () => string;
  readonly split: () => Split;
  /** Whether they are looked at: else nothing is loaded. */
  readonly open: () => boolean;
  /** The first that is in sight, and the one after the last. */
  readonly range: Readonly<Ref<{ readonly first: number; readonly end: number }>>;
}

/** Images that come at once. */
const piece = 30;
/** How long a place must stay in sight before its images are asked for: who scrolls past needs none. */
const restMs = 60;

/** A dataset's thumbnails with their labels, of one class or all: those in sight are loaded. */
export function useImageWindow({ dataset, split, open, range }: Parts) {
  const datasets = useDatasets();
  const ratio = usePixelRatio();
  const label = ref<number | null>(null);
  const total = ref<number | null>(null);
  const images = shallowRef(new Map<number, LabelledImage>());
  const error = shallowRef<ErrorData | null>(null);
  const asked = new Set<number>();
  let generation = 0;
  let rest: ReturnType<typeof setTimeout> | undefined;

  async function load(offset: number): Promise<void> {
    if (asked.has(offset)) return;
    asked.add(offset);
    const own = generation;
    try {
      const answer = await datasets.images({
        dataset: dataset(),
        split: split(),
        label: label.value,
        offset,
        limit: piece,
        side: thumbnailPixels(ratio.value),
      });
      if (own !== generation) return;
      total.value = answer.total;
      error.value = null;
      labelledImages(answer).forEach((image, i) => images.value.set(offset + i, image));
      triggerRef(images);
    } catch (failure) {
      if (own !== generation) return;
      asked.delete(offset);
      error.value = toErrorData(failure);
    }
  }

  function ask(): void {
    if (!open()) return;
    const { first, end } = range.value;
    const last = total.value === null ? 1 : Math.min(end, total.value);
    for (let at = first - (first % piece); at < last; at += piece) void load(at);
  }

  // Another dataset has other classes.
  watch(dataset, () => (label.value = null));
  watch(
    [dataset, split, label, ratio, open],
    () => {
      generation += 1;
      asked.clear();
      images.value = new Map();
      total.value = null;
      error.value = null;
      if (open()) void load(0);
    },
    { immediate: true },
  );
  watch(range, () => {
    clearTimeout(rest);
    rest = setTimeout(ask, restMs);
  });

  return {
    label,
    total: computed(() => total.value ?? 0),
    at: (position: number): LabelledImage | null => images.value.get(position) ?? null,
    error,
    ask,
  };
}
