import { ref, type Ref } from 'vue';
import { zoomIn, zoomOut } from '../zoom';
import { type Attention } from './attention';

/** How the pictures are looked at: one zoom for both, and the map laid over the image. */
export interface Look {
  /** Screen pixels for each pixel; null: as large as fits. */
  readonly chosen: Readonly<Ref<number | null>>;
  /** The zoom that is on the screen. */
  readonly actual: Readonly<Ref<number>>;
  /** Told by the frames, which know what fits. */
  showsAt(zoom: number): void;
  readonly overlay: Readonly<Ref<boolean>>;
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  /** Held down: the overlay lasts as long. A short press switches it instead. */
  press(at: number): void;
  release(at: number): void;
  toggle(): void;
  /** The next map starts without its overlay. */
  reset(): void;
}

/** A press that lasts longer than this is a hold. */
const holdMs = 350;

export function createLook(attention: Attention): Look {
  const chosen = ref<number | null>(null);
  const actual = ref(1);
  const overlay = ref(false);
  let pressed: { at: number; wasOn: boolean } | null = null;

  const zoomTo = (zoom: number | null) => {
    if (zoom === chosen.value || (zoom !== null && zoom === actual.value)) return;
    chosen.value = zoom;
    attention.zoomed();
  };
  const lay = (on: boolean) => {
    if (on && !overlay.value) attention.overlaid();
    overlay.value = on;
  };

  return {
    chosen,
    actual,
    overlay,
    showsAt: (zoom) => void (actual.value = zoom),
    zoomIn: () => zoomTo(zoomIn(actual.value)),
    zoomOut: () => zoomTo(zoomOut(actual.value)),
    fit: () => zoomTo(null),
    press(at) {
      if (pressed) return;
      pressed = { at, wasOn: overlay.value };
      lay(true);
    },
    release(at) {
      if (!pressed) return;
      const held = at - pressed.at > holdMs;
      if (held || pressed.wasOn) lay(false);
      pressed = null;
    },
    toggle: () => lay(!overlay.value),
    reset() {
      pressed = null;
      overlay.value = false;
    },
  };
}
