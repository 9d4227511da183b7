import { type Ref } from 'vue';

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Moves enlarged pictures in step: by scrolling, by arrow keys, or drawn with the mouse. */
export function usePan(frames: Readonly<Ref<readonly HTMLElement[]>>) {
  const follow = (from: HTMLElement) => {
    for (const frame of frames.value) {
      if (frame === from) continue;
      if (frame.scrollLeft !== from.scrollLeft) frame.scrollLeft = from.scrollLeft;
      if (frame.scrollTop !== from.scrollTop) frame.scrollTop = from.scrollTop;
    }
  };

  return {
    scrolled(index: number): void {
      const from = frames.value[index];
      if (from) follow(from);
    },
    /** Fingers scroll by themselves; a mouse takes hold. */
    grab(index: number, event: PointerEvent): void {
      const frame = frames.value[index];
      if (!frame || event.pointerType === 'touch' || event.button !== 0) return;
      const start = { x: event.clientX + frame.scrollLeft, y: event.clientY + frame.scrollTop };
      const move = (moved: PointerEvent) => {
        frame.scrollLeft = start.x - moved.clientX;
        frame.scrollTop = start.y - moved.clientY;
      };
      const drop = () => {
        frame.removeEventListener('pointermove', move);
        frame.removeEventListener('pointerup', drop);
        frame.removeEventListener('pointercancel', drop);
      };
      frame.setPointerCapture(event.pointerId);
      frame.addEventListener('pointermove', move);
      frame.addEventListener('pointerup', drop);
      frame.addEventListener('pointercancel', drop);
    },
    /** What stands in the middle, in CSS pixels of the enlarged picture; null where all is seen. */
    centre(): Place | null {
      const [frame] = frames.value;
      if (!frame) return null;
      const { clientWidth, clientHeight, scrollWidth, scrollHeight } = frame;
      if (scrollWidth <= clientWidth && scrollHeight <= clientHeight) return null;
      return { x: frame.scrollLeft + clientWidth / 2, y: frame.scrollTop + clientHeight / 2 };
    },
    /** Put a place back into the middle after everything grew by a factor; null: the picture's own. */
    centreOn(place: Place | null, factor: number): void {
      for (const frame of frames.value) {
        const { clientWidth, clientHeight, scrollWidth, scrollHeight } = frame;
        const middle = place
          ? { x: place.x * factor, y: place.y * factor }
          : { x: scrollWidth / 2, y: scrollHeight / 2 };
        frame.scrollLeft = middle.x - clientWidth / 2;
        frame.scrollTop = middle.y - clientHeight / 2;
      }
    },
  };
}
