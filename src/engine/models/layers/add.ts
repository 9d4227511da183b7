import type { Kernels } from '../../runtime/kernels';
import type { Tensor } from '../../runtime/tensorflow';
import type { ModelBuffer } from '../buffer';
import type { Parameter } from '../parameter';
import type { Layer, Pass } from './layer';

/**
 * The sum of what two branches make of one input (He et al. 2016). Backward the signal goes through
 * both, and their gradients by the input add up.
 */
export class Add implements Layer {
  readonly name: string;
  readonly inner: readonly Layer[];
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly ModelBuffer[];
  readonly main: Layer;
  readonly shortcut: Layer | null;
  private readonly kernels: Kernels;

  /** @param shortcut null: the input itself is added */
  constructor(kernels: Kernels, name: string, branches: { main: Layer; shortcut: Layer | null }) {
    const { main, shortcut } = branches;
    this.name = name;
    this.kernels = kernels;
    this.main = main;
    this.shortcut = shortcut;
    this.inner = shortcut ? [main, shortcut] : [main];
    this.parameters = this.inner.flatMap((layer) => layer.parameters);
    this.buffers = this.inner.flatMap((layer) => layer.buffers ?? []);
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const { main, shortcut } = this;
    const direct = shortcut ? pass.forwardThrough(shortcut, x.clone()) : x.clone();
    return this.sum(pass.forwardThrough(main, x), direct);
  }

  backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null {
    const { main, shortcut } = this;
    const direct = shortcut
      ? pass.backwardThrough(shortcut, signal.clone(), inputWanted)
      : signal.clone();
    const inner = pass.backwardThrough(main, signal, inputWanted);
    if (inner && direct) return this.sum(inner, direct);
    inner?.dispose();
    direct?.dispose();
    return null;
  }

  dispose(): void {
    for (const layer of this.inner) layer.dispose?.();
  }

  /** Both are consumed. */
  private sum(a: Tensor, b: Tensor): Tensor {
    const result = this.kernels.add(a, b);
    a.dispose();
    b.dispose();
    return result;
  }
}
