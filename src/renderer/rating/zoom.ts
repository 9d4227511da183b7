/** Screen pixels for each pixel of a picture, so that every one of its pixels is equally large. */
const ladder = [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 64];

export type Size = readonly [height: number, width: number];

/**
 * The largest whole zoom at which a picture fits into a box, both in screen pixels; less than 1
 * where the box has fewer pixels.
 */
export function fitZoom([height, width]: Size, box: { width: number; height: number }): number {
  const share = Math.min(box.width / width, box.height / height);
  if (share <= 0) return 1;
  return share < 1 ? share : Math.floor(share + 1e-6);
}

export function zoomIn(zoom: number): number {
  return ladder.find((step) => step > zoom) ?? zoom;
}

export function zoomOut(zoom: number): number {
  return ladder.findLast((step) => step < zoom) ?? zoom;
}

/** A zoom in words: 8×, or 0.87×. */
export const zoomText = (zoom: number): string => `${Number(zoom.toFixed(2))}×`;
