import { type ImageShape } from '../../saliency/model';

/** Weights of the eight neighbours: 1/6 direct, 1/12 diagonal (they sum to 1). */
const direct = 1 / 6;
const diagonal = 1 / 12;

/**
 * The residual's norm at which the solver stops, as a share of the right-hand side's: values are then
 * off by some 1e-8 of the known ones' span, and float32 rounds by more.
 */
const tolerance = 1e-8;

/**
 * Values at removed locations such that each is the weighted mean of its eight neighbours: direct
 * ones weigh 1/6, diagonal ones 1/12, renormalised at the border. With D the sum of the weights
 * inside the image, the system D x_i - sum_j w_ij x_j = sum_k w_ik p_k (j removed, k known) is
 * symmetric and, with a known pixel anywhere, positive definite; conjugate gradients with the
 * diagonal as preconditioner solve it.
 *
 * Solved is how much x is above the lowest of the known neighbours: the right-hand side is then 0
 * only where all of them are alike, which is the solution, and the solver, which stops relative to
 * it, never hunts for 0. As weighted means, values lie between the lowest and the highest.
 *
 * @param pixels [H, W, C]; only known locations are read
 * @param channel which of the C
 * @param removed locations, ascending, at least one location missing
 * @returns float64, one value per removed location, between the lowest and highest known neighbour
 * @throws RangeError if a known neighbour is not finite, no location is known, or the solver does
 *   not come to an end
 */
export function interpolate(
  pixels: Float32Array,
  shape: ImageShape,
  channel: number,
  removed: readonly number[],
): Float64Array {
  const [height, width, channels] = shape;
  const count = removed.length;
  if (count === 0) return new Float64Array(0);
  // A frame of one pixel around the image spares the inner loop every test for the border.
  const stride = width + 2;
  const cells = stride * (height + 2);
  const place = Int32Array.from(removed, (pixel) => {
    const row = Math.floor(pixel / width);
    return (row + 1) * stride + (pixel - row * width) + 1;
  });
  const open = new Uint8Array(cells);
  for (const cell of place) open[cell] = 1;
  const known = new Float64Array(cells);
  const inside = new Float64Array(cells);
  /** 1 at known locations. */
  const given = new Float64Array(cells);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const cell = (row + 1) * stride + column + 1;
      inside[cell] = 1;
      if (open[cell] === 1) continue;
      given[cell] = 1;
      known[cell] = pixels[(row * width + column) * channels + channel] as number;
    }
  }
  const { low, high } = neighbourRange(known, given, place, stride);
  if (high === low) return new Float64Array(count).fill(low);
  for (let cell = 0; cell < cells; cell += 1) {
    if (given[cell] === 1) known[cell] = (known[cell] as number) - low;
  }
  // All fields are of one type, so that this stays one fast piece of machine code.
  const gather = (field: Float64Array, cell: number): number =>
    direct *
      ((field[cell - 1] as number) +
        (field[cell + 1] as number) +
        (field[cell - stride] as number) +
        (field[cell + stride] as number)) +
    diagonal *
      ((field[cell - stride - 1] as number) +
        (field[cell - stride + 1] as number) +
        (field[cell + stride - 1] as number) +
        (field[cell + stride + 1] as number));

  const diagonalOf = new Float64Array(count);
  const residual = new Float64Array(count);
  let scale = 0;
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < count; i += 1) {
    const cell = place[i] as number;
    diagonalOf[i] = gather(inside, cell);
    const value = gather(known, cell);
    residual[i] = value;
    scale += value * value;
    sum += value;
    weight += gather(given, cell);
  }
  // From the mean of the known neighbours.
  const start = sum / weight;
  const solution = new Float64Array(count).fill(start);
  const direction = new Float64Array(cells);
  for (let i = 0; i < count; i += 1) {
    // D less the weights of removed neighbours is the weight of known ones.
    residual[i] = (residual[i] as number) - start * gather(given, place[i] as number);
  }
  const limit = tolerance * tolerance * scale;
  const product = new Float64Array(count);
  let norm = 0;
  let rho = 0;
  for (let i = 0; i < count; i += 1) {
    const left = residual[i] as number;
    const scaled = left / (diagonalOf[i] as number);
    direction[place[i] as number] = scaled;
    norm += left * left;
    rho += scaled * left;
  }
  for (let step = 0; norm > limit; step += 1) {
    if (step === 4 * count + 100) throw new RangeError('interpolate: the solver found no end');
    let curvature = 0;
    for (let i = 0; i < count; i += 1) {
      const cell = place[i] as number;
      const at = direction[cell] as number;
      const value = (diagonalOf[i] as number) * at - gather(direction, cell);
      product[i] = value;
      curvature += value * at;
    }
    const length = rho / curvature;
    let next = 0;
    norm = 0;
    for (let i = 0; i < count; i += 1) {
      solution[i] = (solution[i] as number) + length * (direction[place[i] as number] as number);
      const left = (residual[i] as number) - length * (product[i] as number);
      residual[i] = left;
      norm += left * left;
      next += (left * left) / (diagonalOf[i] as number);
    }
    const turn = next / rho;
    rho = next;
    for (let i = 0; i < count; i += 1) {
      const cell = place[i] as number;
      direction[cell] =
        (residual[i] as number) / (diagonalOf[i] as number) + turn * (direction[cell] as number);
    }
  }
  return solution.map((above) => low + Math.min(Math.max(above, 0), high - low));
}

/** The lowest and the highest known value next to a removed one, diagonally too. */
function neighbourRange(
  known: Float64Array,
  given: Float64Array,
  place: Int32Array,
  stride: number,
): { low: number; high: number } {
  const around = [-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1];
  let low = Infinity;
  let high = -Infinity;
  for (const cell of place) {
    for (const by of around) {
      if (given[cell + by] !== 1) continue;
      const value = known[cell + by] as number;
      if (!Number.isFinite(value)) throw new RangeError('interpolate: a value is not finite');
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) throw new RangeError('interpolate: no location is known');
  return { low, high };
}
