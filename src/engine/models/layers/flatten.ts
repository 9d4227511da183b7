import { valueAt } from '../../../shared/checked-reads';
import type { Tensor } from '../../runtime/tensorflow';
import type { Layer, Pass } from './layer';

/** [B, H, W, C] as [B, H * W * C]. The layer after it knows the order (see Linear). */
export class Flatten implements Layer {
  readonly name: string;
  readonly parameters = [];

  constructor(name: string) {
    this.name = name;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const batch = valueAt(x.shape, 0);
    const result = x.reshape([batch, batch === 0 ? 0 : x.size / batch]);
    if (pass.backward) pass.keep(this, [], x.shape);
    x.dispose();
    return result;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const result = signal.reshape([...pass.take(this).shape]);
    signal.dispose();
    return result;
  }
}
