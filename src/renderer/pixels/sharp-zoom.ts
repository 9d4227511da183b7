import { readonly, ref, type Ref } from 'vue';

/** A thumbnail's longer side at most, in CSS pixels. */
export const thumbnail = 64;

const ratio = ref(1);
let watching = false;

/** Another ratio no longer matches the query: the next one is listened to. */
function follow(): void {
  ratio.value = window.devicePixelRatio || 1;
  window
    .matchMedia(`(resolution: ${ratio.value}dppx)`)
    .addEventListener('change', follow, { once: true });
}

/** Screen pixels for each CSS pixel, of the screen that the window is on now. */
export function usePixelRatio(): Readonly<Ref<number>> {
  if (!watching && typeof window.matchMedia === 'function') {
    watching = true;
    follow();
  }
  return readonly(ratio);
}

/**
 * CSS pixels for each pixel of a picture in a room, both from side to side: so that each is the same
 * whole number of screen pixels; where the room has fewer than the picture, less than one.
 */
export function sharpZoom(pixels: number, room: number, screen: number): number {
  if (pixels < 1) return 1;
  const whole = Math.floor((room * screen) / pixels + 1e-6);
  return whole >= 1 ? whole / screen : room / pixels;
}

/** Whether a picture's pixels are whole squares of the screen: else it is drawn smoothly. */
export function isSharp(zoom: number, screen: number): boolean {
  const squares = zoom * screen;
  return squares > 0.99 && (squares >= 3 || Math.abs(squares - Math.round(squares)) < 0.01);
}

/** Pixels of a thumbnail's longer side on this screen: what is asked of core, which has some limits. */
export const thumbnailPixels = (screen: number): number =>
  Math.max(8, Math.min(512, Math.floor(thumbnail * screen)));
