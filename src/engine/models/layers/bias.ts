import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor1D } from '../../runtime/tensorflow';
import { Parameter, plainLayout } from '../parameter';
import type { Layer, Pass } from './layer';

/** x [..., C] + bias [C], a layer of its own so that pooling can come before it. */
export class Bias implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  private readonly bias: Parameter;
  private readonly kernels: Kernels;

  /** @param owner the layer whose bias it is in PyTorch: the parameter is `owner.bias` */
  constructor(kernels: Kernels, owner: string, size: number, fanIn: number) {
    this.name = `${owner}.bias`;
    this.kernels = kernels;
    this.bias = new Parameter(kernels, plainLayout(this.name, [size], fanIn));
    this.parameters = [this.bias];
  }

  forward(x: Tensor): Tensor {
    const result = this.kernels.biasAdd(x, this.bias.value as Tensor1D);
    x.dispose();
    return result;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    if (pass.purpose === 'training') {
      pass.gradients.set(this.bias, this.kernels.biasAddGradient(signal));
    }
    return signal;
  }
}
