import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import type { ModelBuffer } from '../buffer';
import type { Parameter } from '../parameter';
import { type Activation, gated, isGuided } from './activation';
import type { BatchNorm } from './batch-norm';
import type { Conv2d } from './conv2d';
import { FoldedConvolution } from './folded-convolution';
import type { Layer, Pass } from './layer';
import type { MaxPool } from './max-pool';

export interface RectifiedParts {
  readonly convolution: Conv2d;
  readonly norm: BatchNorm | null;
  readonly activation: Activation;
  /** Maxima of 2x2 windows behind the ReLU, where there are any. */
  readonly pool: MaxPool | null;
}

/**
 * A convolution, batch normalisation where there is one, a ReLU, and 2x2 maxima where there are any.
 * Outside training the first three are one convolution, and of what the maxima leave nothing but they
 * and their places is kept for backward.
 */
export class RectifiedConvolution implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly ModelBuffer[];
  private readonly kernels: Kernels;
  private readonly parts: RectifiedParts;
  private readonly folded: FoldedConvolution;
  private readonly place: 'first' | 'after-one' | 'after-others';

  /** @param before what the layer before became; null at the input */
  constructor(kernels: Kernels, parts: RectifiedParts, before: Layer | null) {
    const { norm } = parts;
    const convolution = parts.convolution.onOwnKernels();
    this.name = convolution.name;
    this.kernels = kernels;
    this.parts = { ...parts, convolution };
    this.parameters = [...convolution.parameters, ...(norm?.parameters ?? [])];
    this.buffers = norm?.buffers ?? [];
    this.folded = new FoldedConvolution(kernels, { convolution, norm }, convolution.options);
    const afterOne = before instanceof RectifiedConvolution;
    this.place = before === null ? 'first' : afterOne ? 'after-one' : 'after-others';
  }

  forward(x: Tensor, pass: Pass): Tensor {
    if (pass.purpose === 'training') {
      return this.chain.reduce((current, layer) => layer.forward(current, pass), x);
    }
    const { folded, place } = this;
    const { pool } = this.parts;
    const { fused } = this.kernels;
    const output = folded.convolve(x as Tensor4D, { relu: true });
    // What went in came out of the ReLU of the one before: its gate.
    const gate = place === 'after-one' && pass.backward ? [x.clone()] : [];
    const { shape } = x;
    x.dispose();
    if (pool && fused && isEven(output.shape)) {
      const { maximum, index } = fused.maxPool(output);
      output.dispose();
      if (pass.backward) pass.keep(this, [maximum.clone(), index, ...gate], shape);
      else index.dispose();
      return maximum;
    }
    if (pass.backward) pass.keep(this, [output.clone(), ...gate], shape);
    return pool ? pool.forward(output, pass) : output;
  }

  backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null {
    const { convolution, pool } = this.parts;
    if (pass.purpose === 'training') {
      return this.chain.reduceRight<Tensor | null>(
        (current, layer) =>
          current && layer.backward(current, pass, inputWanted || layer !== convolution),
        signal,
      );
    }
    const { kernels, folded, place } = this;
    const { tensors, shape } = pass.take(this);
    const [output, ...rest] = tensors as Tensor4D[];
    if (!output) throw new RangeError(`${this.name} kept no output`);
    const before = place === 'after-one' ? rest.pop() : undefined;
    const [index] = rest;
    const guided = isGuided('relu', pass.gate);
    let current = signal as Tensor4D;
    const step = (next: Tensor4D) => {
      current.dispose();
      current = next;
    };
    if (index && kernels.fused) {
      step(kernels.fused.unpool(guided ? 'guided-relu' : 'relu', current, output, index));
    } else {
      if (pool) current = pool.backward(current, pass) as Tensor4D;
      // Maxima may lie at places that the ReLU closes.
      if (pool || !pass.gated) step(gated(kernels, current, output, guided));
    }
    if (place === 'first' && folded.isStem) {
      step(folded.stemGradient(current, { output, index: null, guided }, shape));
    } else {
      const gate = before && { output: before, guided };
      step(folded.gradient(current, shape, { gate }));
    }
    pass.gated = before !== undefined;
    for (const tensor of tensors) tensor.dispose();
    return current;
  }

  dispose(): void {
    this.folded.dispose();
  }

  /** The layers themselves, as training has them. */
  private get chain(): readonly Layer[] {
    const { convolution, norm, activation, pool } = this.parts;
    return [convolution, ...(norm ? [norm] : []), activation, ...(pool ? [pool] : [])];
  }
}

function isEven([, height = 1, width = 1]: readonly number[]): boolean {
  return height % 2 === 0 && width % 2 === 0;
}
