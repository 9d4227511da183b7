import { valueAt } from '../../shared/checked-reads';
import { StudioError } from '../../shared/errors';
import type { Kernels } from '../runtime/kernels';
import type { Tensor } from '../runtime/tensorflow';
import { Variable } from '../runtime/variable';
import { permute } from './permute';

/** How a parameter starts; drawn values come from (seed, 'initialise', its name). */
export type Initialisation =
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'constant'; readonly value: number };

/** How a parameter lies in TensorFlow and in PyTorch. */
export interface ParameterLayout {
  /** PyTorch's name, such as `conv1.weight`. */
  readonly name: string;
  /** Shape in TensorFlow's kernels, such as HWIO. */
  readonly shape: readonly number[];
  /** Shape in PyTorch, such as OIHW. */
  readonly torchShape: readonly number[];
  /** PyTorch's axes as a permutation of the native ones, with a finer native shape where needed. */
  readonly axes: readonly number[];
  readonly axesShape: readonly number[];
  /** Inputs that one output unit sums over: PyTorch's default initialisation depends on it. */
  readonly fanIn: number;
  /** Default: PyTorch's own, uniform within 1 / sqrt(fan in). */
  readonly initialisation?: Initialisation | undefined;
}

/** A trainable tensor of a model. */
export class Parameter {
  readonly layout: ParameterLayout;
  private readonly kernels: Kernels;
  private readonly variable: Variable;
  private current: Tensor;
  private updates = 0;

  constructor(kernels: Kernels, layout: ParameterLayout) {
    this.kernels = kernels;
    this.layout = layout;
    const { tf } = kernels.operations;
    this.variable = new Variable(kernels, layout.shape);
    this.current = tf.keep(this.variable.read());
  }

  get name(): string {
    return this.layout.name;
  }

  /** The present value. It is the parameter's: do not dispose it, nor keep it over an update. */
  get value(): Tensor {
    return this.current;
  }

  /** How often the value has changed: what is computed from it is stale when this has moved. */
  get version(): number {
    return this.updates;
  }

  /** Let a training kernel change the variable in place. */
  update(change: (handle: Tensor) => void): void {
    this.updates += 1;
    this.current.dispose();
    try {
      change(this.variable.handle);
    } finally {
      this.current = this.kernels.operations.tf.keep(this.variable.read());
    }
  }

  assign(value: Tensor): void {
    this.update(() => this.variable.assign(value));
  }

  /** Take `value`, an operation's result, over: it is the parameter's from here on. */
  adopt(value: Tensor): void {
    this.updates += 1;
    this.current.dispose();
    this.variable.adopt(value);
    this.current = this.kernels.operations.tf.keep(value);
  }

  /** Let an operation of our own change the value where it lies. */
  move(change: (value: Tensor) => void): void {
    this.updates += 1;
    change(this.current);
  }

  /** The values in PyTorch's layout. */
  async read(): Promise<Float32Array> {
    return toTorch(this.layout, (await this.value.data()) as Float32Array);
  }

  /** Set from values in PyTorch's layout. */
  write(values: Float32Array): void {
    const { tf } = this.kernels.operations;
    const native = fromTorch(this.layout, values);
    const tensor = tf.tensor(native, [...this.layout.shape], 'float32');
    this.assign(tensor);
    tensor.dispose();
  }

  dispose(): void {
    this.current.dispose();
    this.variable.dispose();
  }
}

/** Values from TensorFlow's layout to PyTorch's. */
export function toTorch(layout: ParameterLayout, values: Float32Array): Float32Array {
  check(layout, values);
  return permute(values, layout.axesShape, layout.axes);
}

/** Values from PyTorch's layout to TensorFlow's. */
export function fromTorch(layout: ParameterLayout, values: Float32Array): Float32Array {
  check(layout, values);
  const inverse = layout.axes.map((_, axis) => layout.axes.indexOf(axis));
  const torch = layout.axes.map((axis) => valueAt(layout.axesShape, axis));
  return permute(values, torch, inverse);
}

function check(layout: ParameterLayout, values: Float32Array): void {
  const count = layout.shape.reduce((product, size) => product * size, 1);
  if (values.length === count) return;
  throw new StudioError({
    code: 'invalid-input',
    message: `${layout.name} has ${values.length} values; its shape [${layout.torchShape.join(', ')}] takes ${count}.`,
  });
}

/** Layout of a bias or of anything else that lies alike in both. */
export function plainLayout(
  name: string,
  shape: readonly number[],
  fanIn: number,
): ParameterLayout {
  const axes = shape.map((_, axis) => axis);
  return { name, shape, torchShape: shape, axes, axesShape: shape, fanIn };
}
