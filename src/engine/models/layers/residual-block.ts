import type { Kernels } from '../../runtime/kernels';
import type { Tensor } from '../../runtime/tensorflow';
import type { ModelBuffer } from '../buffer';
import type { Parameter } from '../parameter';
import { Activation } from './activation';
import type { Layer, Pass } from './layer';
import { NormalisedConvolution } from './normalised-convolution';

export interface ResidualBlockSizes {
  inputs: number;
  outputs: number;
  /** Of the first convolution and of the shortcut. */
  stride: number;
}

/**
 * torchvision's BasicBlock (He et al. 2016): two 3x3 convolutions with batch normalisation and a
 * ReLU between, the input added, and a ReLU. Where the shape changes, the input goes through a 1x1
 * convolution of the same stride. On the way back the signal goes through both branches and adds up;
 * a guided pass gates it at both ReLUs (Eq. 4).
 */
export class ResidualBlock implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly ModelBuffer[];
  private readonly kernels: Kernels;
  /** From the input to what the shortcut is added to. */
  private readonly main: readonly Layer[];
  private readonly shortcut: readonly Layer[];
  private readonly activation: Activation;

  constructor(kernels: Kernels, name: string, { inputs, outputs, stride }: ResidualBlockSizes) {
    this.kernels = kernels;
    this.name = name;
    const convolution = (number: number, channels: number, step: number) =>
      new NormalisedConvolution(
        kernels,
        { convolution: `${name}.conv${number}`, norm: `${name}.bn${number}` },
        { inputs: channels, outputs, kernel: 3, stride: step, padding: 1 },
      );
    this.main = [
      convolution(1, inputs, stride),
      new Activation(kernels, `${name}.relu1`, 'relu'),
      convolution(2, outputs, 1),
    ];
    this.shortcut =
      stride === 1 && inputs === outputs
        ? []
        : [
            new NormalisedConvolution(
              kernels,
              { convolution: `${name}.downsample.0`, norm: `${name}.downsample.1` },
              { inputs, outputs, kernel: 1, stride, padding: 0 },
            ),
          ];
    this.activation = new Activation(kernels, `${name}.relu2`, 'relu');
    const parts = [...this.main, ...this.shortcut];
    this.parameters = parts.flatMap((layer) => layer.parameters);
    this.buffers = parts.flatMap((layer) => layer.buffers ?? []);
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const along = (branch: readonly Layer[], input: Tensor) =>
      branch.reduce((current, layer) => layer.forward(current, pass), input);
    const direct = along(this.shortcut, x.clone());
    const main = along(this.main, x);
    const sum = this.kernels.add(main, direct);
    main.dispose();
    direct.dispose();
    return this.activation.forward(sum, pass);
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const along = (branch: readonly Layer[], output: Tensor) =>
      branch.reduceRight((current, layer) => {
        const next = layer.backward(current, pass, true);
        if (!next) throw new RangeError(`${layer.name} gave no signal`);
        return next;
      }, output);
    const both = this.activation.backward(signal, pass);
    const main = along(this.main, both.clone());
    const direct = along(this.shortcut, both);
    const result = this.kernels.add(main, direct);
    main.dispose();
    direct.dispose();
    return result;
  }

  dispose(): void {
    for (const layer of [...this.main, ...this.shortcut]) layer.dispose?.();
  }
}
