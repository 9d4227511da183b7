import { computed } from 'vue';
import { fromWire } from '../../shared/arrays';
import { maskBytes } from '../../shared/dataset-masks';
import { type ImageMask } from '../../shared/display/mask';
import { type Split } from '../../shared/catalogue/datasets';
import { useDatasets } from '../stores/datasets';
import { useLatest } from './useLatest';

interface Parts {
  readonly dataset: () => string;
  readonly split: () => Split;
  /** Images whose masks are wanted. */
  readonly indices: () => readonly number[];
  /** Whether masks are looked at: else none is loaded. */
  readonly shown: () => boolean;
}

/** The masks of the object of some images of a dataset. */
export function useMasks({ dataset, split, indices, shown }: Parts) {
  const datasets = useDatasets();
  /** Numbers of images mean others in another split. */
  const place = () => `${dataset()}/${split()}`;
  const { answer, error } = useLatest(
    () =>
      shown() && indices().length > 0
        ? { dataset: dataset(), split: split(), indices: [...indices()] }
        : null,
    async (input) => {
      const { indices: masked, masks } = await datasets.masks(input);
      const { data } = fromWire(masks);
      const bits = data instanceof Uint8Array ? data : Uint8Array.from(data);
      const [height, width] = datasets.of(input.dataset).shape;
      const bytes = maskBytes(height * width);
      const maskAt = (i: number): ImageMask => ({
        bits: bits.subarray(i * bytes, (i + 1) * bytes),
        height,
        width,
      });
      return {
        of: `${input.dataset}/${input.split}`,
        found: new Map(masked.map((index, i) => [index, maskAt(i)] as const)),
      };
    },
    { keep: true, patienceMs: 0 },
  );
  const masks = computed(() =>
    answer.value?.of === place() ? answer.value.found : new Map<number, ImageMask>(),
  );
  return { masks, error };
}
