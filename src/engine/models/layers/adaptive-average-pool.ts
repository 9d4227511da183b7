import { valueAt } from '../../../shared/checked-reads';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor3D, Tensor4D } from '../../runtime/tensorflow';
import type { Layer, Pass } from './layer';

/**
 * Means of x [B, H, W, C] over `side` x `side` windows that cover it, as PyTorch's AdaptiveAvgPool2d:
 * the i-th of n reaches from floor(i H / n) to ceil((i + 1) H / n), so that windows overlap where n
 * does not divide H, and repeat where H is less: [B, side, side, C].
 */
export class AdaptiveAveragePool implements Layer {
  readonly name: string;
  readonly parameters = [];
  private readonly kernels: Kernels;
  private readonly side: number;

  constructor(kernels: Kernels, name: string, side: number) {
    this.kernels = kernels;
    this.name = name;
    this.side = side;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const [, height = 0, width = 0] = x.shape;
    if (pass.backward) pass.keep(this, [], x.shape);
    const { side } = this;
    return this.through(x as Tensor4D, [meansOf(height, side), meansOf(width, side)]);
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const [, height = 0, width = 0] = pass.take(this).shape;
    const { side } = this;
    const spread = [meansOf(height, side), meansOf(width, side)].map(turned);
    return this.through(signal as Tensor4D, spread);
  }

  /** By a matrix over the rows and one over the columns; x is consumed. */
  private through(x: Tensor4D, [rows = [], columns = []]: readonly Matrix[]): Tensor {
    const { tf } = this.kernels.operations;
    const result = tf.tidy(() => {
      const [batch, height, width, channels] = x.shape;
      const flat = x.reshape([batch, height, width * channels]) as Tensor3D;
      const across = isIdentity(rows) ? flat : tf.matMul(this.tensorOf(rows), flat);
      const lines = across.reshape([batch * rows.length, width, channels]) as Tensor3D;
      const both = isIdentity(columns) ? lines : tf.matMul(this.tensorOf(columns), lines);
      return both.reshape([batch, rows.length, columns.length, channels]);
    });
    x.dispose();
    return result;
  }

  private tensorOf(matrix: Matrix): Tensor3D {
    return this.kernels.operations.tf.tensor3d([matrix.map((row) => [...row])]);
  }
}

/** Rows of equal length. */
type Matrix = readonly (readonly number[])[];

/** [n, length]: each row the mean of its window. */
function meansOf(length: number, n: number): Matrix {
  return Array.from({ length: n }, (_, i) => {
    const from = Math.floor((i * length) / n);
    const to = Math.ceil(((i + 1) * length) / n);
    return Array.from({ length }, (_, at) => (at >= from && at < to ? 1 / (to - from) : 0));
  });
}

function turned(matrix: Matrix): Matrix {
  const [first = []] = matrix;
  return first.map((_, column) => matrix.map((row) => valueAt(row, column)));
}

function isIdentity(matrix: Matrix): boolean {
  return matrix.every((row, i) =>
    row.every((value, column) => row.length === matrix.length && value === (i === column ? 1 : 0)),
  );
}
