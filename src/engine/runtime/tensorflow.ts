import type * as tfjs from '@tensorflow/tfjs-node-gpu';

/** The tfjs-node module, as a type: it is loaded at run time, see load.ts. */
export type TensorFlow = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type Tensor1D = tfjs.Tensor1D;
export type Tensor2D = tfjs.Tensor2D;
export type Tensor3D = tfjs.Tensor3D;
export type Tensor4D = tfjs.Tensor4D;
export type Scalar = tfjs.Scalar;

/** One attribute of a TensorFlow operation, as the addon takes it. */
export interface Attribute {
  name: string;
  type: number;
  value: boolean | number | string | number[];
}

/** The part of tfjs-node's addon that we call directly. */
export interface Binding {
  isUsingGpuDevice(): boolean;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_Version: string;
}

/** tfjs-node's backend, of which tfjs's own types show only the general half. */
export interface NativeBackend {
  readonly binding: Binding;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: readonly Tensor[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}
