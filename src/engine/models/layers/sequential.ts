import type { Tensor } from '../../runtime/tensorflow';
import type { ModelBuffer } from '../buffer';
import type { Parameter } from '../parameter';
import type { Layer, Pass } from './layer';

/** Layers one after the other. */
export class Sequential implements Layer {
  readonly name: string;
  readonly inner: readonly Layer[];
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly ModelBuffer[];

  constructor(name: string, layers: readonly Layer[]) {
    this.name = name;
    this.inner = layers;
    this.parameters = layers.flatMap((layer) => layer.parameters);
    this.buffers = layers.flatMap((layer) => layer.buffers ?? []);
  }

  forward(x: Tensor, pass: Pass): Tensor {
    return this.inner.reduce((current, layer) => pass.forwardThrough(layer, current), x);
  }

  /** The first layers' inputs are wanted only where somebody asks for their gradient. */
  backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null {
    const first = this.inner.findIndex((layer) => layer.parameters.length > 0);
    return this.inner.reduceRight<Tensor | null>(
      (current, layer, index) =>
        current && pass.backwardThrough(layer, current, inputWanted || index > first),
      signal,
    );
  }

  dispose(): void {
    for (const layer of this.inner) layer.dispose?.();
  }
}
