import { computed, onBeforeUnmount, type Ref, ref, watch } from 'vue';

interface Parts {
  /** What scrolls. */
  readonly area: Readonly<Ref<HTMLElement | null>>;
  readonly total: () => number;
  /** Of a cell, in CSS pixels, its gap included. */
  readonly cell: { readonly width: number; readonly height: number };
}

/** Positions from `first` up to `end`, exclusive. */
export interface GridRange {
  readonly first: number;
  readonly end: number;
}

/** Rows that are made above and below those in sight. */
const spare = 2;

/** The part of a grid of equal cells that is in sight: only its elements are made. */
export function useGridWindow({ area, total, cell }: Parts) {
  const top = ref(0);
  const width = ref(0);
  const height = ref(0);

  function measure(): void {
    width.value = area.value?.clientWidth ?? 0;
    height.value = area.value?.clientHeight ?? 0;
  }
  const observer = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(measure);
  watch(
    area,
    (element, before) => {
      if (before) observer?.unobserve(before);
      if (element) observer?.observe(element);
      measure();
    },
    { flush: 'post' },
  );
  onBeforeUnmount(() => observer?.disconnect());

  function scrollTo(next: number): void {
    if (area.value) area.value.scrollTop = next;
    top.value = area.value?.scrollTop ?? 0;
  }

  const columns = computed(() => Math.max(1, Math.floor(width.value / cell.width)));
  const rows = computed(() => Math.ceil(total() / columns.value));
  const firstRow = computed(() => Math.max(0, Math.floor(top.value / cell.height) - spare));
  const endRow = computed(() =>
    Math.min(rows.value, Math.ceil((top.value + height.value) / cell.height) + spare),
  );
  const range = computed((before: GridRange | undefined) => {
    const first = firstRow.value * columns.value;
    const end = Math.min(total(), Math.max(1, endRow.value) * columns.value);
    // The same part is the same object: a pixel's scrolling makes nothing anew.
    return before?.first === first && before.end === end ? before : { first, end };
  });
  /** Between the columns; a whole number of pixels, so that pictures stay sharp. */
  const step = computed(() => Math.floor(width.value / columns.value));

  return {
    columns,
    range,
    /** In CSS pixels. */
    whole: computed(() => rows.value * cell.height),
    /** Where a cell stands, in CSS pixels. */
    placeOf: (position: number) => ({
      x: (position % columns.value) * step.value,
      y: Math.floor(position / columns.value) * cell.height,
    }),
    /** Rows that fit into the area, one at least. */
    rowsInSight: computed(() => Math.max(1, Math.floor(height.value / cell.height))),
    scrolled(): void {
      top.value = area.value?.scrollTop ?? 0;
    },
    /** Scroll no further than needed for a cell to be seen as a whole. */
    show(position: number): void {
      const at = Math.floor(position / columns.value) * cell.height;
      if (at < top.value) scrollTo(at);
      else if (at + cell.height > top.value + height.value)
        scrollTo(at + cell.height - height.value);
    },
  };
}
