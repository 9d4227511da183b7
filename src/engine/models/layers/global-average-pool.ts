import type { Kernels } from '../../runtime/kernels';
import type { Tensor } from '../../runtime/tensorflow';
import type { Layer, Pass } from './layer';

/** The mean of x [B, H, W, C] over its locations: [B, C]. */
export class GlobalAveragePool implements Layer {
  readonly name: string;
  readonly parameters = [];
  private readonly kernels: Kernels;

  constructor(kernels: Kernels, name: string) {
    this.kernels = kernels;
    this.name = name;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const result = this.kernels.operations.tf.mean(x, [1, 2]);
    if (pass.backward) pass.keep(this, [], x.shape);
    x.dispose();
    return result;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const { tf } = this.kernels.operations;
    const [batch = 0, height = 1, width = 1, channels = 1] = pass.take(this).shape;
    const result = tf.tidy(() => {
      const share = tf.mul(signal, 1 / (height * width));
      const spread = tf.reshape(share, [batch, 1, 1, channels]);
      return tf.broadcastTo(spread, [batch, height, width, channels]);
    });
    signal.dispose();
    return result;
  }
}
