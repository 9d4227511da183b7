import { valueAt } from '../../shared/checked-reads';
import type { Kernels } from '../runtime/kernels';
import type { Tensor, Tensor1D } from '../runtime/tensorflow';

/** State that training gathers and no gradient changes, under PyTorch's name. */
export interface ModelBuffer {
  readonly name: string;
  readonly shape: readonly number[];
  /** How PyTorch stores it. */
  readonly type: 'F32' | 'I64';
  /** The least value that makes sense. */
  readonly least: number;
  /** Whether no score depends on it, so that a file of another program may lack it. */
  readonly optional: boolean;
  read(): Promise<Float32Array>;
  write(values: Float32Array): void;
  /** Back to where training starts. */
  reset(): void;
  dispose(): void;
}

/** One running statistic per channel, [C]. */
export class RunningStatistic implements ModelBuffer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type = 'F32';
  readonly optional = false;
  readonly least: number;
  private readonly initial: number;
  private readonly kernels: Kernels;
  private current: Tensor1D;
  private updates = 0;

  /** @param range where it starts, and its least value */
  constructor(
    kernels: Kernels,
    name: string,
    channels: number,
    range: { initial: number; least: number },
  ) {
    const { tf } = kernels.operations;
    this.kernels = kernels;
    this.name = name;
    this.shape = [channels];
    this.initial = range.initial;
    this.least = range.least;
    this.current = tf.keep(tf.fill([channels], range.initial));
  }

  /** The present value. It is the statistic's: do not dispose it, nor keep it over an update. */
  get value(): Tensor1D {
    return this.current;
  }

  /** How often the value has changed. */
  get version(): number {
    return this.updates;
  }

  /** Take `value` [C] over: it is the statistic's from here on. */
  replace(value: Tensor): void {
    this.current.dispose();
    this.current = this.kernels.operations.tf.keep(value as Tensor1D);
    this.updates += 1;
  }

  async read(): Promise<Float32Array> {
    return (await this.current.data()) as Float32Array;
  }

  write(values: Float32Array): void {
    this.replace(this.kernels.operations.tf.tensor1d(values.slice(), 'float32'));
  }

  reset(): void {
    this.replace(this.kernels.operations.tf.fill([...this.shape], this.initial));
  }

  dispose(): void {
    this.current.dispose();
  }
}

/** How many batches a layer has been trained on: a scalar, exact up to 2^24. */
export class BatchCount implements ModelBuffer {
  readonly name: string;
  readonly shape: readonly number[] = [];
  readonly type = 'I64';
  readonly optional = true;
  readonly least = 0;
  private count = 0;

  constructor(name: string) {
    this.name = name;
  }

  increase(): void {
    this.count += 1;
  }

  read(): Promise<Float32Array> {
    return Promise.resolve(Float32Array.of(this.count));
  }

  write(values: Float32Array): void {
    this.count = valueAt(values, 0);
  }

  reset(): void {
    this.count = 0;
  }

  dispose(): void {
    this.count = 0;
  }
}
