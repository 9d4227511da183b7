import { valueAt } from '../../shared/checked-reads';
import { notFinite } from '../../shared/errors';
import { type ImageShape, sizeOf } from '../saliency/model';
import { lastMade, type Series } from '../saliency/score-series';
import { type Square } from './squares';

export interface HiddenSquares {
  readonly shape: ImageShape;
  /** Of each image, equally many. */
  readonly squares: readonly (readonly Square[])[];
  /** An image and its baseline, float32 [H, W, C] as the model sees them. */
  readonly input: (image: number) => Float32Array;
  readonly baseline: (image: number) => Float32Array;
}

/**
 * What the model is asked for infidelity, once for all methods: each image x, then x - I for each of
 * its squares, in which it shows its baseline.
 */
export function hiddenSeries({ shape, squares, input, baseline }: HiddenSquares): Series {
  const [, width, channels] = shape;
  const whole = lastMade(input);
  const behind = lastMade(baseline);
  return {
    images: squares.length,
    steps: (squares[0]?.length ?? 0) + 1,
    size: sizeOf(shape),
    write(image, step, into) {
      into.set(whole(image));
      if (step === 0) return;
      const { top, left, side } = valueAt(valueAt(squares, image), step - 1);
      const values = behind(image);
      for (let row = top; row < top + side; row += 1) {
        const start = (row * width + left) * channels;
        into.set(values.subarray(start, start + side * channels), start);
      }
    },
  };
}

/** F(x) - F(x - I) of one image's draws. @param scores [1 + draws], of x first */
export function dropsOf(scores: ArrayLike<number>): Float64Array {
  const whole = valueAt(scores, 0);
  return Float64Array.from({ length: scores.length - 1 }, (_, i) => whole - valueAt(scores, i + 1));
}

export interface Attribution {
  readonly shape: ImageShape;
  /** Signed raw values of one image, [H, W, C]; or [H, W], whose values are those of all channels. */
  readonly raw: Float32Array;
  /** The image and its baseline, [H, W, C] as the model sees them. */
  readonly input: Float32Array;
  readonly baseline: Float32Array;
  /** Whether the values hold the input already (times-input, integrate, controls). */
  readonly holdsInput: boolean;
  /** What the map is called in a refusal. */
  readonly name?: string | undefined;
}

/**
 * What a map says that each square is worth, S = sum of I a over it with I = x - x'; of a map that holds
 * the input already, the plain sum. By a table of the sums above and to the left, so that a square costs
 * four reads.
 *
 * @throws StudioError `invalid-input` where a value is not finite
 */
export function attributedTo(squares: readonly Square[], attribution: Attribution): Float64Array {
  const { shape, raw, input, baseline, holdsInput, name = 'map' } = attribution;
  const [height, width, channels] = shape;
  const own = raw.length / (height * width);
  const stride = width + 1;
  const sums = new Float64Array((height + 1) * stride);
  for (let row = 0; row < height; row += 1) {
    let line = 0;
    for (let column = 0; column < width; column += 1) {
      const pixel = row * width + column;
      for (let c = 0; c < (holdsInput ? own : channels); c += 1) {
        const value = raw[pixel * own + (own === 1 ? 0 : c)] as number;
        const at = pixel * channels + c;
        line += holdsInput ? value : value * ((input[at] as number) - (baseline[at] as number));
      }
      sums[(row + 1) * stride + column + 1] = (sums[row * stride + column + 1] as number) + line;
    }
  }
  const whole = valueAt(sums, sums.length - 1);
  if (!Number.isFinite(whole)) {
    throw notFinite(`The sum of the ${name}`, whole, 'make the map again');
  }
  const above = (row: number, column: number) => valueAt(sums, row * stride + column);
  return Float64Array.from(squares, ({ top, left, side }) => {
    const [bottom, right] = [top + side, left + side];
    return above(bottom, right) - above(top, right) - above(bottom, left) + above(top, left);
  });
}

/**
 * Infidelity: the mean over draws of (S - dF)², in squares of the units of F; 0 is faithful (Yeh et al.
 * 2019, arXiv 1901.09392, Eq. 1).
 *
 * @param attributed S of each draw
 * @param drops dF = F(x) - F(x - I) of each draw
 */
export function infidelity(attributed: ArrayLike<number>, drops: ArrayLike<number>): number {
  return scaledBy(1, attributed, drops);
}

/**
 * The same after S is multiplied by the beta that makes it smallest, sum(S dF) / sum(S²), as the
 * authors' code does: the units of a map do not matter then. A map that is 0 has beta 0.
 */
export function scaledInfidelity(attributed: ArrayLike<number>, drops: ArrayLike<number>): number {
  let both = 0;
  let squares = 0;
  for (let i = 0; i < attributed.length; i += 1) {
    const value = valueAt(attributed, i);
    both += value * valueAt(drops, i);
    squares += value * value;
  }
  return scaledBy(squares === 0 ? 0 : both / squares, attributed, drops);
}

function scaledBy(beta: number, attributed: ArrayLike<number>, drops: ArrayLike<number>): number {
  if (attributed.length !== drops.length || drops.length === 0) {
    throw new RangeError(`infidelity: ${attributed.length} sums and ${drops.length} drops`);
  }
  let sum = 0;
  for (let i = 0; i < drops.length; i += 1) {
    sum += (beta * valueAt(attributed, i) - valueAt(drops, i)) ** 2;
  }
  return sum / drops.length;
}
