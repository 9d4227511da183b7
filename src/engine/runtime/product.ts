import type { Operations } from './operations';
import type { Tensor, Tensor2D } from './tensorflow';

/**
 * Products with a matrix that stands for long, our own operation (native/product.cc): its columns lie
 * in panels of sixteen. A row's result depends neither on the rows beside it nor on the number of
 * threads; sums are of short chains.
 */
export interface ProductKernels {
  /** Whether there is such a product with a matrix [K, N], and with it turned. */
  fits(shape: readonly number[]): boolean;
  /** The matrix [K, N] in panels, or turned to [N, K]. It can be kept as long as the matrix stands. */
  panels(matrix: Tensor2D, turned: boolean): Tensor;
  /** x [B, K] times the matrix [K, N] in panels: [B, N]. */
  multiply(x: Tensor2D, panels: Tensor): Tensor2D;
}

const panel = 16;

export function productKernels(operations: Operations): ProductKernels {
  const { tf } = operations;
  return {
    fits: ([rows = 0, columns = 0]) => rows % panel === 0 && columns % panel === 0 && columns > 0,
    panels: (matrix, turned) =>
      tf.tidy(() => {
        const [rows, columns] = matrix.shape;
        return turned
          ? tf.transpose(matrix.reshape([rows / panel, panel, columns]), [0, 2, 1])
          : tf.transpose(matrix.reshape([rows, columns / panel, panel]), [1, 0, 2]);
      }),
    multiply: (x, panels) => operations.run('StudioProduct', [], [x, panels]) as Tensor2D,
  };
}
