import type { Tensor } from '../../runtime/tensorflow';
import type { ModelBuffer } from '../buffer';
import type { Gate } from '../model';
import type { Parameter } from '../parameter';

export type Purpose = 'scores' | 'input-gradient' | 'training';

/** What one layer gave forward, and the signal that came to it backward. */
export interface Tap {
  readonly activations: Tensor;
  readonly gradients: Tensor;
}

/** One pass through a network: what it is for, and what the layers keep for backward. */
export class Pass {
  readonly purpose: Purpose;
  readonly gate: Gate;
  /** Draws of dropout: (seed, 'dropout', layer, step). */
  readonly randomness: { readonly seed: number; readonly step: number };
  /** Gradients of the loss by the parameters, in training. */
  readonly gradients = new Map<Parameter, Tensor>();
  /** Whether the signal is, backward, behind the ReLU that the next layer ends with. */
  gated = false;
  private readonly kept = new Map<Layer, Kept>();
  private readonly tapped: string | null;
  private readonly tap: { activations: Tensor | null; gradients: Tensor | null };

  /** @param options `tapped`: the layer, by its name, whose output and signal are to be read */
  constructor(
    purpose: Purpose,
    options: { gate?: Gate; randomness?: Pass['randomness']; tapped?: string } = {},
  ) {
    this.purpose = purpose;
    this.tapped = options.tapped ?? null;
    this.tap = { activations: null, gradients: null };
    this.gate = options.gate ?? 'none';
    this.randomness = options.randomness ?? { seed: 0, step: 0 };
  }

  /** Whether backward follows. */
  get backward(): boolean {
    return this.purpose !== 'scores';
  }

  /** Forward through one of a network's layers; x is consumed. */
  forwardThrough(layer: Layer, x: Tensor): Tensor {
    const output = layer.forward(x, this);
    if (layer.name === this.tapped) this.tap.activations = output.clone();
    return output;
  }

  /** Backward through one; the signal is consumed. Null below a layer that is tapped: nobody asks there. */
  backwardThrough(layer: Layer, signal: Tensor, inputWanted: boolean): Tensor | null {
    if (layer.name === this.tapped) this.tap.gradients = signal.clone();
    if (!this.tap.gradients) return layer.backward(signal, this, inputWanted);
    signal.dispose();
    return null;
  }

  /** What was read of the tapped layer. Throws RangeError where no pass went through it. */
  read(): Tap {
    const { activations, gradients } = this.tap;
    if (!activations || !gradients) throw new RangeError(`no pass went through ${this.tapped}`);
    return { activations, gradients };
  }

  /** Keep what the layer needs backward. The tensors are the pass's from here on. */
  keep(layer: Layer, tensors: readonly Tensor[], shape: readonly number[] = []): void {
    this.kept.set(layer, { tensors, shape });
  }

  /** Take what the layer kept; the layer disposes it. */
  take(layer: Layer): Kept {
    const kept = this.kept.get(layer);
    if (!kept) throw new RangeError(`${layer.name} kept nothing forward`);
    this.kept.delete(layer);
    return kept;
  }
}

/** Tensors, and the input's shape where the tensor itself is not needed. */
export interface Kept {
  readonly tensors: readonly Tensor[];
  readonly shape: readonly number[];
}

/**
 * A piece of a network. Tensors are handed over: `forward` and `backward` consume their argument
 * (dispose it, keep it for backward or return it), so that memory is free as early as can be.
 */
export interface Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** State beside the parameters; default none. */
  readonly buffers?: readonly ModelBuffer[];
  /** The layers that it is made of; default none. */
  readonly inner?: readonly Layer[];
  forward(x: Tensor, pass: Pass): Tensor;
  /**
   * From the signal at the layer's output to the one at its input, by way of `pass.gradients` in
   * training. With `inputWanted` false the result is null: nothing below needs it.
   */
  backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null;
  /** The outputs of x before they are rounded to single precision, of a layer that can. x stays. */
  sums?(x: Tensor): Float64Array;
  /** Free what the layer holds beside its parameters and buffers; default nothing. */
  dispose?(): void;
}
