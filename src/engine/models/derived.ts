import type { Kernels } from '../runtime/kernels';
import type { Tensor } from '../runtime/tensorflow';

/**
 * A tensor computed from a model's state and kept until its key moves. Before the first use it holds
 * a placeholder, so that the number of tensors never changes.
 */
export class Derived<T extends Tensor = Tensor> {
  private readonly kernels: Kernels;
  private key = '';
  private tensor: Tensor;

  constructor(kernels: Kernels) {
    const { tf } = kernels.operations;
    this.kernels = kernels;
    this.tensor = tf.keep(tf.scalar(0));
  }

  /** The tensor for the key. It stays this one's: do not dispose it, nor keep it over a change. */
  get(key: string, compute: () => T): T {
    if (key !== this.key) {
      const { tf } = this.kernels.operations;
      const next = tf.keep(tf.tidy(compute));
      this.tensor.dispose();
      this.tensor = next;
      this.key = key;
    }
    return this.tensor as T;
  }

  dispose(): void {
    this.tensor.dispose();
  }
}
