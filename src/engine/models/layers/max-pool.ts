import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import type { Layer, Pass } from './layer';

/** Maxima of 2x2 windows, stride 2. On ties the first maximum takes the signal, as in PyTorch. */
export class MaxPool implements Layer {
  readonly name: string;
  readonly parameters = [];
  private readonly kernels: Kernels;

  constructor(kernels: Kernels, name: string) {
    this.kernels = kernels;
    this.name = name;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const { output, saved } = this.kernels.maxPool(x as Tensor4D, pass.backward);
    x.dispose();
    if (pass.backward) pass.keep(this, saved);
    return output;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const { tensors } = pass.take(this);
    const result = this.kernels.maxPoolGradient(tensors, signal as Tensor4D);
    for (const tensor of tensors) tensor.dispose();
    signal.dispose();
    return result;
  }
}
