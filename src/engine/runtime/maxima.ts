import type { Operations } from './operations';
import type { Tensor, Tensor4D } from './tensorflow';

/** Maxima of windows [B, H, W, C], and which of its window's places each was, of the same shape. */
export interface Maxima {
  readonly maximum: Tensor4D;
  readonly index: Tensor;
}

/** An operation of ours that gives both. */
export function runMaxima(operations: Operations, name: string, inputs: readonly Tensor[]): Maxima {
  const [maximum, index] = operations.runMany(name, [], inputs, 2);
  if (!maximum || !index) throw new RangeError(`${name} gave no result`);
  return { maximum: maximum as Tensor4D, index };
}
