/** Images of a split that nothing was photographed for. */
export interface MadeImages {
  /** Bytes [count, H, W, C]. */
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
}

/**
 * Pixels and labels from a small generator of integers, the same on every machine: for measuring time,
 * and for comparing what two engines make of them. Labels are below `classes`, at most 256.
 */
export function madeImages(
  {
    inputShape,
    classes,
  }: { readonly inputShape: readonly [number, number, number]; readonly classes: number },
  count: number,
): MadeImages {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
  const size = inputShape.reduce((product, side) => product * side, 1);
  return {
    images: Uint8Array.from({ length: count * size }, next),
    labels: Uint8Array.from({ length: count }, () => next() % classes),
    count,
  };
}
