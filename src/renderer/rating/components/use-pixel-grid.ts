import { type Ref, ref } from 'vue';

/** How far to move an element so that it starts on a whole screen pixel, in CSS pixels. */
const toGrid = (at: number, ratio: number): number => Math.round(at * ratio) / ratio - at;

/**
 * Frames that stand between two screen pixels would show some pixels of a picture larger than
 * others: their places are put right by fractions of a pixel.
 */
export function usePixelGrid(
  frames: Readonly<Ref<readonly HTMLElement[]>>,
  pixelRatio: Readonly<Ref<number>>,
) {
  const shifts = ref<readonly { left: number; top: number }[]>([]);

  function align(): void {
    const next = frames.value.map((frame, i) => {
      const { left, top } = frame.getBoundingClientRect();
      const now = shifts.value[i] ?? { left: 0, top: 0 };
      return {
        left: toGrid(left - now.left, pixelRatio.value),
        top: toGrid(top - now.top, pixelRatio.value),
      };
    });
    const moved = next.some(({ left, top }, i) => {
      const now = shifts.value[i];
      return now === undefined || Math.abs(left - now.left) + Math.abs(top - now.top) > 0.01;
    });
    if (moved) shifts.value = next;
  }

  const shiftOf = (index: number) => {
    const { left = 0, top = 0 } = shifts.value[index] ?? {};
    return { left: `${left}px`, top: `${top}px` };
  };
  return { align, shiftOf };
}
