import type { Kernels } from '../../runtime/kernels';
import type { Window } from '../../runtime/pooling';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import type { Layer, Pass } from './layer';

/**
 * Maxima of windows, by default 2x2 with stride 2. On ties the first maximum takes the signal, as in
 * PyTorch.
 */
export class MaxPool implements Layer {
  readonly name: string;
  readonly parameters = [];
  private readonly kernels: Kernels;
  readonly window: Window | undefined;

  constructor(kernels: Kernels, name: string, window?: Window) {
    this.kernels = kernels;
    this.name = name;
    this.window = window;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const { output, saved } = this.kernels.maxPool(x as Tensor4D, pass.backward, this.window);
    x.dispose();
    if (pass.backward) pass.keep(this, saved);
    return output;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const { tensors } = pass.take(this);
    const result = this.kernels.maxPoolGradient(tensors, signal as Tensor4D, this.window);
    for (const tensor of tensors) tensor.dispose();
    signal.dispose();
    return result;
  }
}
