import type { Operations } from './operations';
import type { Tensor, Tensor4D } from './tensorflow';

/** What comes of the maxima of windows [B, H, W, C], and which of its window's places each was. */
export interface PooledOutput {
  readonly output: Tensor4D;
  readonly index: Tensor;
}

/** An operation of ours that gives both. */
export function runPooled(
  operations: Operations,
  name: string,
  inputs: readonly Tensor[],
): PooledOutput {
  const [output, index] = operations.runMany(name, [], inputs, 2);
  if (!output || !index) throw new RangeError(`${name} gave no result`);
  return { output: output as Tensor4D, index };
}
