import type { Kernels } from '../../runtime/kernels';
import type { ProductKernels } from '../../runtime/product';
import type { Tensor, Tensor1D, Tensor2D } from '../../runtime/tensorflow';
import { Derived } from '../derived';
import { type Initialisation, Parameter, plainLayout } from '../parameter';
import type { Layer, Pass } from './layer';

export interface LinearSizes {
  /** Features as the layer sees them: [n], or [H, W, C] of a flattened image. */
  inputs: readonly number[];
  outputs: number;
  /** Of the weight; default PyTorch's own. */
  initialisation?: Initialisation;
  /** Of the bias; default PyTorch's own. */
  biasInitialisation?: Initialisation;
}

/**
 * Of so many weights on, five rows times a turned matrix take TensorFlow 3 s (25,088 x 4,096, a busy
 * machine) and the matrix times the turned rows 0.2 s; of smaller ones it makes no difference.
 */
const wide = 2 ** 24;

/** What a linear layer learns. */
interface LinearState {
  readonly weight: Parameter;
  readonly bias: Parameter;
}

/**
 * x [B, n] times weight [n, outputs], plus bias. PyTorch's weight is [outputs, n], and where the
 * features are a flattened image it counts them in the order C, H, W; here they lie as H, W, C.
 */
export class Linear implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  private readonly weight: Parameter;
  private readonly bias: Parameter;
  private readonly kernels: Kernels;
  private readonly sizes: LinearSizes;
  private readonly products: ProductKernels | null;
  private readonly forwardProduct: Derived;
  private readonly backwardProduct: Derived;

  /**
   * @param shared what it learns, of another one that stays in use
   * @param products what multiplies outside training where it fits; default TensorFlow's kernel
   */
  constructor(
    kernels: Kernels,
    name: string,
    sizes: LinearSizes,
    shared: LinearState | null = null,
    products: ProductKernels | null = null,
  ) {
    const { weight, bias } = shared ?? newState(kernels, name, sizes);
    this.name = name;
    this.kernels = kernels;
    this.sizes = sizes;
    this.products = products;
    this.weight = weight;
    this.bias = bias;
    this.parameters = [weight, bias];
    this.forwardProduct = new Derived(kernels);
    this.backwardProduct = new Derived(kernels);
  }

  /** The same one, multiplied by our own kernel outside training where it fits. */
  onOwnKernels(): Linear {
    const { kernels, name, sizes, weight, bias } = this;
    return new Linear(kernels, name, sizes, { weight, bias }, kernels.products);
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const { kernels, bias } = this;
    const product = this.product(x as Tensor2D, pass, false);
    const result = kernels.biasAdd(product, bias.value as Tensor1D);
    product.dispose();
    if (pass.purpose === 'training') pass.keep(this, [x]);
    else x.dispose();
    return result;
  }

  /** On the host: single precision loses 1e-5 of logits about 50, and nothing else takes long here. */
  sums(x: Tensor): Float64Array {
    const [rows = 0, count = 0] = x.shape;
    const [features, weights, bias] = [x, this.weight.value, this.bias.value].map(
      (tensor) => tensor.dataSync() as Float32Array,
    ) as [Float32Array, Float32Array, Float32Array];
    const outputs = bias.length;
    const result = new Float64Array(rows * outputs);
    for (let row = 0; row < rows; row += 1) {
      const own = result.subarray(row * outputs, (row + 1) * outputs);
      own.set(bias);
      for (let i = 0; i < count; i += 1) {
        const feature = features[row * count + i] as number;
        for (let k = 0; k < outputs; k += 1) {
          own[k] = (own[k] as number) + feature * (weights[i * outputs + k] as number);
        }
      }
    }
    return result;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const { kernels, weight, bias } = this;
    const output = signal as Tensor2D;
    if (pass.purpose === 'training') {
      const [x] = pass.take(this).tensors;
      if (!x) throw new RangeError(`${this.name} kept no input`);
      pass.gradients.set(weight, kernels.matMul(x as Tensor2D, output, { a: true }));
      pass.gradients.set(bias, kernels.biasAddGradient(signal));
      x.dispose();
    }
    const result = this.product(output, pass, true);
    signal.dispose();
    return result;
  }

  dispose(): void {
    this.forwardProduct.dispose();
    this.backwardProduct.dispose();
  }

  /** With the weight [n, outputs], or turned. */
  private product(x: Tensor2D, pass: Pass, turned: boolean): Tensor2D {
    const { kernels, products, weight } = this;
    const matrix = weight.value as Tensor2D;
    // In training the weight moves at every step, and laying it out takes longer than it saves.
    if (pass.purpose === 'training' || !products?.fits(matrix.shape)) {
      return turned && matrix.size >= wide
        ? this.turnedProduct(x, matrix)
        : kernels.matMul(x, matrix, { b: turned });
    }
    const kept = turned ? this.backwardProduct : this.forwardProduct;
    const panels = kept.get(String(weight.version), () => products.panels(matrix, turned));
    return products.multiply(x, panels);
  }

  /** The turned result of the turned product: TensorFlow then reads the matrix as it lies. */
  private turnedProduct(x: Tensor2D, matrix: Tensor2D): Tensor2D {
    const { kernels } = this;
    const { tf } = kernels.operations;
    return tf.tidy(() => tf.transpose(kernels.matMul(matrix, x, { b: true })) as Tensor2D);
  }
}

function newState(kernels: Kernels, name: string, sizes: LinearSizes): LinearState {
  const { inputs, outputs, initialisation, biasInitialisation } = sizes;
  const count = inputs.reduce((product, size) => product * size, 1);
  const weight = new Parameter(kernels, {
    name: `${name}.weight`,
    shape: [count, outputs],
    torchShape: [outputs, count],
    axesShape: [...inputs, outputs],
    axes: inputs.length === 3 ? [3, 2, 0, 1] : [1, 0],
    fanIn: count,
    initialisation,
  });
  const layout = {
    ...plainLayout(`${name}.bias`, [outputs], count),
    initialisation: biasInitialisation,
  };
  return { weight, bias: new Parameter(kernels, layout) };
}
