import type { Kernels } from './kernels';
import type { Attribute, Tensor } from './tensorflow';

/** TensorFlow's name for a resource that goes with its handle. */
const anonymous = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/** A float32 tensor that TensorFlow's training kernels update in place. */
export class Variable {
  readonly shape: readonly number[];
  readonly handle: Tensor;
  private readonly kernels: Kernels;
  private readonly assignment: Attribute[];

  /** With zeros. */
  constructor(kernels: Kernels, shape: readonly number[]) {
    const { operations } = kernels;
    this.kernels = kernels;
    this.shape = [...shape];
    const attributes = operations.attributes({
      dtype: { type: 'float32' },
      shape: { shape: [...shape] },
      container: { string: '' },
      shared_name: { string: anonymous },
    });
    this.assignment = operations.attributes({
      dtype: { type: 'float32' },
      validate_shape: { bool: false },
    });
    this.handle = operations.tf.keep(operations.run('VarHandleOp', attributes, []));
    // Not tf.zeros, which are a typed array's: of a wide layer the copy would be half a gigabyte.
    const zeros = operations.tf.fill([...shape], 0);
    this.adopt(zeros);
    zeros.dispose();
  }

  /**
   * The present value, a tensor that shares the variable's memory. Dispose it before the next
   * update, which otherwise has to copy.
   */
  read(): Tensor {
    const { operations } = this.kernels;
    const attributes = operations.attributes({ dtype: { type: 'float32' } });
    return operations.run('ReadVariableOp', attributes, [this.handle]);
  }

  /** Set a copy of `value`. */
  assign(value: Tensor): void {
    const { operations } = this.kernels;
    // The variable would share the tensor's memory, and with it a typed array's: copy.
    const copy = operations.run('DeepCopy', operations.attributes({ T: { type: 'float32' } }), [
      value,
    ]);
    this.adopt(copy);
    copy.dispose();
  }

  /** Set `value` itself, whose memory is the variable's from here on: it must not be a typed array's. */
  adopt(value: Tensor): void {
    const { operations } = this.kernels;
    operations.runMany('AssignVariableOp', this.assignment, [this.handle, value], 0);
  }

  dispose(): void {
    this.handle.dispose();
  }
}
