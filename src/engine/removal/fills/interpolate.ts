import { type ImageShape } from '../../saliency/model';

/** Weights of the eight neighbours: 1/6 direct, 1/12 diagonal (they sum to 1). */
const direct = 1 / 6;
const diagonal = 1 / 12;

/**
 * The residual's norm at which the solver stops, as a share of the right-hand side's, both in the
 * preconditioner's norm: values are then off by some 1e-8 of the known ones' span, and float32 rounds
 * by more.
 */
const tolerance = 1e-9;

/**
 * How much of the fill-in that the factorisation leaves out goes to its diagonal (relaxed modified
 * incomplete Cholesky): all of it takes the fewest steps on large images, a little less is safe.
 */
const relaxation = 0.995;

/**
 * Values at removed locations such that each is the weighted mean of its eight neighbours: direct
 * ones weigh 1/6, diagonal ones 1/12, renormalised at the border. With D the sum of the weights
 * inside the image, the system D x_i - sum_j w_ij x_j = sum_k w_ik p_k (j removed, k known) is
 * symmetric and, with a known pixel anywhere, positive definite. Conjugate gradients solve it, with
 * an incomplete factorisation (D' + L) D'^-1 (D' + L^T) of its own pattern as preconditioner, which
 * Eisenstat's form (1981, SIAM J. Sci. Stat. Comput. 2: 1-4) applies at no cost beside the product.
 *
 * Solved is how much x is above the lowest of the known neighbours: the right-hand side is then 0
 * only where all of them are alike, which is the solution, and the solver, which stops relative to
 * it, never hunts for 0. As weighted means, values lie between the lowest and the highest.
 *
 * @param pixels [H, W, C]; only known locations are read
 * @param removed locations, ascending, at least one location missing
 * @returns float64 [removed.length, C], between the channel's lowest and highest known neighbour
 * @throws RangeError if a known neighbour is not finite, no location is known, or the solver does
 *   not come to an end
 */
export function interpolate(
  pixels: Float32Array,
  shape: ImageShape,
  removed: ArrayLike<number>,
): Float64Array {
  const [, , channels] = shape;
  const values = new Float64Array(removed.length * channels);
  if (removed.length === 0) return values;
  const system = systemOf(shape, removed);
  for (let channel = 0; channel < channels; channel += 1) {
    const solved = solveChannel(system, pixels, channel);
    for (let i = 0; i < solved.length; i += 1) {
      values[i * channels + channel] = solved[i] as number;
    }
  }
  return values;
}

/** What the removed locations alone decide: the same for all channels. */
interface System {
  readonly shape: ImageShape;
  /** Cells in a row of the grid, which has a frame of one cell around the image: no test for the border. */
  readonly stride: number;
  /** The removed locations' cells, ascending. */
  readonly place: Int32Array;
  /** 1 at the cells of known locations. */
  readonly given: Float64Array;
  /** D', its inverse, and D - 2 D', of each removed location. */
  readonly pivot: Float64Array;
  readonly inverse: Float64Array;
  readonly rest: Float64Array;
  /** The weight of a removed location beside it to the left, and to the right, by D'; 0 where there is none. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  /** Grids in which the sweeps work; 0 at every cell that is not removed. */
  readonly above: Float64Array;
  readonly below: Float64Array;
}

function systemOf(shape: ImageShape, removed: ArrayLike<number>): System {
  const [height, width] = shape;
  const stride = width + 2;
  const cells = stride * (height + 2);
  const inside = new Float64Array(cells);
  const given = new Float64Array(cells);
  for (let row = 1; row <= height; row += 1) {
    inside.fill(1, row * stride + 1, row * stride + 1 + width);
    given.fill(1, row * stride + 1, row * stride + 1 + width);
  }
  const count = removed.length;
  const place = new Int32Array(count);
  const open = new Float64Array(cells);
  for (let i = 0; i < count; i += 1) {
    const pixel = removed[i] as number;
    const row = Math.floor(pixel / width);
    const cell = (row + 1) * stride + (pixel - row * width) + 1;
    place[i] = cell;
    given[cell] = 0;
    open[cell] = 1;
  }
  const pivot = new Float64Array(count);
  const inverse = new Float64Array(count);
  const rest = new Float64Array(count);
  const left = new Float64Array(count);
  const right = new Float64Array(count);
  // Of a removed location: 1 / D', and that times the weights of removed ones that come after it.
  const pivots = new Float64Array(cells);
  const passed = new Float64Array(cells);
  for (let i = 0; i < count; i += 1) {
    const cell = place[i] as number;
    const whole = before(inside, cell, stride) + after(inside, cell, stride);
    const exact =
      direct * direct * ((pivots[cell - 1] as number) + (pivots[cell - stride] as number)) +
      diagonal *
        diagonal *
        ((pivots[cell - stride - 1] as number) + (pivots[cell - stride + 1] as number));
    const modified = before(passed, cell, stride);
    const own = whole - relaxation * modified - (1 - relaxation) * exact;
    pivot[i] = own;
    inverse[i] = 1 / own;
    rest[i] = whole - 2 * own;
    left[i] = place[i - 1] === cell - 1 ? direct / own : 0;
    right[i] = place[i + 1] === cell + 1 ? direct / own : 0;
    pivots[cell] = 1 / own;
    passed[cell] = after(open, cell, stride) / own;
  }
  const above = new Float64Array(cells);
  const below = new Float64Array(cells);
  return { shape, stride, place, given, pivot, inverse, rest, left, right, above, below };
}

/** Weighted sum over a cell's four neighbours that come before it, row by row. */
function before(field: Float64Array, cell: number, stride: number): number {
  return (
    direct * ((field[cell - 1] as number) + (field[cell - stride] as number)) +
    diagonal * ((field[cell - stride - 1] as number) + (field[cell - stride + 1] as number))
  );
}

/** Over the four that come after it. */
function after(field: Float64Array, cell: number, stride: number): number {
  return (
    direct * ((field[cell + 1] as number) + (field[cell + stride] as number)) +
    diagonal * ((field[cell + stride - 1] as number) + (field[cell + stride + 1] as number))
  );
}

function solveChannel(system: System, pixels: Float32Array, channel: number): Float64Array {
  const { stride, place, given } = system;
  const count = place.length;
  const known = knownValues(system, pixels, channel);
  const { low, high } = neighbourRange(known, given, place, stride);
  if (high === low) return new Float64Array(count).fill(low);
  for (let cell = 0; cell < known.length; cell += 1) {
    if (given[cell] === 1) known[cell] = (known[cell] as number) - low;
  }
  const b = new Float64Array(count);
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < count; i += 1) {
    const cell = place[i] as number;
    const value = before(known, cell, stride) + after(known, cell, stride);
    b[i] = value;
    sum += value;
    weight += before(given, cell, stride) + after(given, cell, stride);
  }
  // From the mean of the known neighbours.
  const start = sum / weight;
  const solution = solve(system, b, start);
  for (let i = 0; i < count; i += 1) {
    solution[i] = low + Math.min(Math.max(solution[i] as number, 0), high - low);
  }
  return solution;
}

function knownValues({ shape, stride, given }: System, pixels: Float32Array, channel: number) {
  const [height, width, channels] = shape;
  const known = new Float64Array(given.length);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const cell = (row + 1) * stride + column + 1;
      if (given[cell] === 1) {
        known[cell] = pixels[(row * width + column) * channels + channel] as number;
      }
    }
  }
  return known;
}

/**
 * Conjugate gradients on E^-1 A E^-T y = E^-1 b with E = D' + L, preconditioned by D', for x = start +
 * E^-T y. As A = E + E^T + (D - 2 D'), a product is one sweep up and one down the locations. In a sweep
 * each value waits for the one beside it: that one is kept in hand, and all else is summed before.
 *
 * @param b one value per removed location
 */
function solve(system: System, b: Float64Array, start: number): Float64Array {
  const { stride, place, given, pivot, inverse, rest, left, right, above, below } = system;
  const count = place.length;
  const residual = new Float64Array(count);
  const direction = new Float64Array(count);
  const solution = new Float64Array(count);
  const product = new Float64Array(count);
  // E^-1 of the right-hand side, and then of what the start leaves of it.
  let scale = 0;
  for (let i = 0; i < count; i += 1) {
    const cell = place[i] as number;
    const sum = (b[i] as number) + before(below, cell, stride);
    below[cell] = sum * (inverse[i] as number);
    scale += sum * sum * (inverse[i] as number);
  }
  let rho = 0;
  for (let i = 0; i < count; i += 1) {
    const cell = place[i] as number;
    // D less the weights of removed neighbours is the weight of known ones.
    const known = before(given, cell, stride) + after(given, cell, stride);
    const sum = (b[i] as number) - start * known + before(below, cell, stride);
    const value = sum * (inverse[i] as number);
    below[cell] = value;
    residual[i] = value;
    rho += sum * value;
  }
  const limit = tolerance * tolerance * scale;
  let turn = 0;
  for (let step = 0; rho > limit; step += 1) {
    if (step === 4 * count + 100) throw new RangeError('interpolate: the solver found no end');
    let last = 0;
    for (let i = count - 1; i >= 0; i -= 1) {
      const cell = place[i] as number;
      const at = (pivot[i] as number) * (residual[i] as number) + turn * (direction[i] as number);
      direction[i] = at;
      const sum = at + next(above, cell + stride);
      last = sum * (inverse[i] as number) + (right[i] as number) * last;
      above[cell] = last;
    }
    let curvature = 0;
    last = 0;
    for (let i = 0; i < count; i += 1) {
      const cell = place[i] as number;
      const at = direction[i] as number;
      const up = above[cell] as number;
      const sum = at + (rest[i] as number) * up + next(below, cell - stride);
      last = sum * (inverse[i] as number) + (left[i] as number) * last;
      below[cell] = last;
      product[i] = up + last;
      curvature += at * (up + last);
    }
    const length = rho / curvature;
    let norm = 0;
    for (let i = 0; i < count; i += 1) {
      solution[i] = (solution[i] as number) + length * (direction[i] as number);
      const value = (residual[i] as number) - length * (product[i] as number);
      residual[i] = value;
      norm += value * value * (pivot[i] as number);
    }
    turn = norm / rho;
    rho = norm;
  }
  for (let i = count - 1; i >= 0; i -= 1) {
    const cell = place[i] as number;
    above[cell] = ((solution[i] as number) + after(above, cell, stride)) * (inverse[i] as number);
    solution[i] = start + (above[cell] as number);
  }
  return solution;
}

/** Weighted sum over the three neighbours of a cell in the row beside it, around the middle one. */
function next(field: Float64Array, middle: number): number {
  return (
    direct * (field[middle] as number) +
    diagonal * ((field[middle - 1] as number) + (field[middle + 1] as number))
  );
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
