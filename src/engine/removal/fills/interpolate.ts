import { type ImageShape } from '../../saliency/model';

/** Weights of the eight neighbours: 1/6 beside, 1/12 across (they sum to 1). */
const direct = 1 / 6;
const diagonal = 1 / 12;

/** The residual's norm at which the solver stops, as a share of the right-hand side's. */
export const tolerance = 1e-6;

/**
 * Values at removed locations such that each is the weighted mean of its eight neighbours: direct
 * ones weigh 1/6, diagonal ones 1/12, renormalised at the border. With D the sum of the weights
 * inside the image, the system D x_i - sum_j w_ij x_j = sum_k w_ik p_k (j removed, k known) is
 * symmetric and, with a known pixel anywhere, positive definite; conjugate gradients with the
 * diagonal as preconditioner solve it until the residual is 1e-6 of the right-hand side.
 *
 * @param pixels [H, W, C]; only known locations are read
 * @param channel which of the C
 * @param removed locations, ascending, at least one location missing
 * @returns float64, one value per removed location
 */
export function interpolate(
  pixels: Float32Array,
  shape: ImageShape,
  channel: number,
  removed: readonly number[],
): Float64Array {
  const [height, width, channels] = shape;
  const count = removed.length;
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
  let sum = 0;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const cell = (row + 1) * stride + column + 1;
      inside[cell] = 1;
      if (open[cell] === 1) continue;
      const value = pixels[(row * width + column) * channels + channel] ?? 0;
      known[cell] = value;
      sum += value;
    }
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
  const right = new Float64Array(count);
  let scale = 0;
  for (let i = 0; i < count; i += 1) {
    const cell = place[i] as number;
    diagonalOf[i] = gather(inside, cell);
    const value = gather(known, cell);
    right[i] = value;
    scale += value * value;
  }
  // From the mean of what is known: exact for a flat image.
  const start = count === height * width ? 0 : sum / (height * width - count);
  const solution = new Float64Array(count).fill(start);
  const direction = new Float64Array(cells);
  const residual = new Float64Array(count);
  for (let i = 0; i < count; i += 1) direction[place[i] as number] = start;
  for (let i = 0; i < count; i += 1) {
    const cell = place[i] as number;
    residual[i] =
      (right[i] as number) - (diagonalOf[i] as number) * start + gather(direction, cell);
  }
  const limit = tolerance * tolerance * scale;
  const product = new Float64Array(count);
  let rho = 0;
  for (let i = 0; i < count; i += 1) {
    const scaled = (residual[i] as number) / (diagonalOf[i] as number);
    direction[place[i] as number] = scaled;
    rho += scaled * (residual[i] as number);
  }
  for (let step = 0; step < 4 * count && rho > 0; step += 1) {
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
    let norm = 0;
    for (let i = 0; i < count; i += 1) {
      solution[i] = (solution[i] as number) + length * (direction[place[i] as number] as number);
      const left = (residual[i] as number) - length * (product[i] as number);
      residual[i] = left;
      norm += left * left;
      next += (left * left) / (diagonalOf[i] as number);
    }
    if (norm <= limit) break;
    const turn = next / rho;
    rho = next;
    for (let i = 0; i < count; i += 1) {
      const cell = place[i] as number;
      direction[cell] =
        (residual[i] as number) / (diagonalOf[i] as number) + turn * (direction[cell] as number);
    }
  }
  return solution;
}
