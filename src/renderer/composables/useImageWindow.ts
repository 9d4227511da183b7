import { computed, type Ref, ref, shallowRef, triggerRef, watch } from 'vue';
import { type Split } from '../../shared/catalogue/datasets';
import { type ErrorData, toErrorData } from '../../shared/errors';
import { labelledImages, type LabelledImage } from '../pixels/labelled-images';
import { thumbnailPixels, usePixelRatio } from '../pixels/sharp-zoom';
import { useDatasets } from '../stores/datasets';
import { type GridRange } from './useGridWindow';

interface Parts {
  readonly dataset: () => string;
  readonly split: () => Split;
  /** Of one class alone; null: of all. */
  readonly label: () => number | null;
  /** Whether they are looked at: else nothing is loaded. */
  readonly open: () => boolean;
  /** What is in sight. */
  readonly range: Readonly<Ref<GridRange>>;
}

/** Images that come at once. */
const piece = 30;
/** Pieces that are asked for at once: who scrolls past many is not kept waiting by them. */
const atOnce = 2;
/** Pieces that are held beside those in sight: the store has more of them. */
const beside = 4;

const pieceOf = (position: number): number => Math.floor(position / piece);

/** A dataset's thumbnails with their labels, of one class or all: those in sight are loaded. */
export function useImageWindow({ dataset, split, label, open, range }: Parts) {
  const datasets = useDatasets();
  const ratio = usePixelRatio();
  const total = ref<number | null>(null);
  const pieces = shallowRef(new Map<number, LabelledImage[]>());
  const error = shallowRef<ErrorData | null>(null);
  const underWay = new Set<number>();
  let generation = 0;

  /** From the first piece in sight to the last. */
  function inSight(): { first: number; last: number } {
    if (total.value === null || total.value === 0) return { first: 0, last: 0 };
    const { first, end } = range.value;
    return {
      first: pieceOf(first),
      last: pieceOf(Math.max(first, Math.min(end, total.value) - 1)),
    };
  }

  async function load(at: number): Promise<void> {
    const own = generation;
    underWay.add(at);
    try {
      const answer = await datasets.images({
        dataset: dataset(),
        split: split(),
        label: label(),
        offset: at * piece,
        limit: piece,
        side: thumbnailPixels(ratio.value),
      });
      if (own !== generation) return;
      underWay.delete(at);
      total.value = answer.total;
      error.value = null;
      pieces.value.set(at, labelledImages(answer));
      const { first, last } = inSight();
      for (const held of pieces.value.keys()) {
        if (held < first - beside || held > last + beside) pieces.value.delete(held);
      }
      triggerRef(pieces);
      ask();
    } catch (failure) {
      if (own !== generation) return;
      underWay.delete(at);
      error.value = toErrorData(failure);
    }
  }

  /** Load what is in sight and not there, from the top. */
  function ask(): void {
    if (!open()) return;
    const { first, last } = inSight();
    for (let at = first; at <= last && underWay.size < atOnce; at += 1) {
      if (!pieces.value.has(at) && !underWay.has(at)) void load(at);
    }
  }

  watch(
    [dataset, split, label, ratio, open],
    () => {
      generation += 1;
      underWay.clear();
      pieces.value = new Map();
      total.value = null;
      error.value = null;
      ask();
    },
    { immediate: true },
  );
  watch(range, ask);

  return {
    /** 0 until the first of them came. */
    total: computed(() => total.value ?? 0),
    /** Whether they are still asked for. */
    isComing: computed(() => total.value === null && error.value === null),
    at: (position: number): LabelledImage | null =>
      pieces.value.get(pieceOf(position))?.[position % piece] ?? null,
    error,
    ask,
  };
}
