/**
 * Values of a coarse grid at the pixels of an image by bilinear interpolation between cells' middles; beyond
 * the outermost middles a cell's value goes on (PyTorch's `interpolate` with `align_corners=False`).
 *
 * @param values [height, width]
 * @param to height and width of the result
 * @returns float64 [to[0], to[1]]
 */
export function upsample(
  values: ArrayLike<number>,
  [height, width]: readonly [number, number],
  to: readonly [number, number],
): Float64Array {
  const rows = between(height, to[0]);
  const columns = between(width, to[1]);
  const result = new Float64Array(to[0] * to[1]);
  for (let y = 0; y < to[0]; y += 1) {
    const top = (rows.first[y] as number) * width;
    const bottom = (rows.second[y] as number) * width;
    const down = rows.share[y] as number;
    for (let x = 0; x < to[1]; x += 1) {
      const left = columns.first[x] as number;
      const right = columns.second[x] as number;
      const across = columns.share[x] as number;
      const above =
        (1 - across) * (values[top + left] as number) + across * (values[top + right] as number);
      const below =
        (1 - across) * (values[bottom + left] as number) +
        across * (values[bottom + right] as number);
      result[y * to[1] + x] = (1 - down) * above + down * below;
    }
  }
  return result;
}

/** Of each place of a finer line the two cells that it lies between, and how near it is to the second. */
function between(cells: number, places: number) {
  const first = new Int32Array(places);
  const second = new Int32Array(places);
  const share = new Float64Array(places);
  for (let i = 0; i < places; i += 1) {
    const at = Math.max(0, ((i + 0.5) * cells) / places - 0.5);
    first[i] = Math.min(Math.floor(at), cells - 1);
    second[i] = Math.min((first[i] as number) + 1, cells - 1);
    share[i] = at - (first[i] as number);
  }
  return { first, second, share };
}
