import type { Attribute, NativeBackend, Tensor, TensorFlow } from './tensorflow';

/** Values of a TensorFlow operation's attributes; types are data type names. */
export type AttributeValues = Record<
  string,
  | { int: number | number[] }
  | { float: number }
  | { bool: boolean }
  | { string: string }
  | { type: DataType }
  | { shape: number[] }
>;
export type DataType = 'float32' | 'int32';

/**
 * Run TensorFlow operations eagerly by name, without tfjs's tape and kernels. Results belong to the
 * innermost tf.tidy, like any tensor's.
 */
export interface Operations {
  readonly tf: TensorFlow;
  /** Attributes in the addon's form. Build them once for an operation that runs often. */
  attributes(values: AttributeValues): Attribute[];
  run(name: string, attributes: Attribute[], inputs: readonly Tensor[]): Tensor;
  runMany(
    name: string,
    attributes: Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

export function createOperations(tf: TensorFlow): Operations {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  const codes: Record<DataType, number> = {
    float32: binding.TF_FLOAT,
    int32: binding.TF_INT32,
  };
  return {
    tf,
    attributes: (values) =>
      Object.entries(values).map(([name, value]): Attribute => {
        if ('int' in value) return { name, type: binding.TF_ATTR_INT, value: value.int };
        if ('float' in value) return { name, type: binding.TF_ATTR_FLOAT, value: value.float };
        if ('bool' in value) return { name, type: binding.TF_ATTR_BOOL, value: value.bool };
        if ('string' in value) return { name, type: binding.TF_ATTR_STRING, value: value.string };
        if ('shape' in value) return { name, type: binding.TF_ATTR_SHAPE, value: value.shape };
        return { name, type: binding.TF_ATTR_TYPE, value: codes[value.type] };
      }),
    run: (name, attributes, inputs) => backend.executeSingleOutput(name, attributes, inputs),
    runMany: (name, attributes, inputs, outputs) =>
      backend.executeMultipleOutputs(name, attributes, inputs, outputs),
  };
}
