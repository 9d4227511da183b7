import type { ConvolutionOptions } from '../../runtime/convolution';
import type { SignalRule } from '../../runtime/fused';
import type { Kernels } from '../../runtime/kernels';
import type { PooledOutput } from '../../runtime/pooled-output';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import { Derived } from '../derived';
import type { Conv2d, ParameterGradients } from './conv2d';

/**
 * A convolution with bias and SELU of the 2x2 maxima of its result, by our own kernels: of a single channel
 * directly, of more forward by Winograd's transforms and backward by products with what is not 0.
 * Filters in the form that a kernel takes are kept until the weight moves. Arguments stay the
 * caller's.
 */
export class PooledConvolution {
  private readonly kernels: Kernels;
  private readonly convolution: Conv2d;
  private readonly options: ConvolutionOptions;
  private readonly forwardFilter: Derived;
  private readonly backwardFilter: Derived<Tensor4D>;

  constructor(kernels: Kernels, convolution: Conv2d, options: ConvolutionOptions) {
    this.kernels = kernels;
    this.convolution = convolution;
    this.options = options;
    this.forwardFilter = new Derived(kernels);
    this.backwardFilter = new Derived(kernels);
  }

  /** Null where there is no kernel for such images. */
  convolve(x: Tensor4D): PooledOutput | null {
    const { winograd, fused } = this.kernels;
    const { filter, bias, version } = this.convolution;
    const { stride, padding } = this.options;
    if (!bias) return null;
    if (fused?.pools(x.shape, filter.shape, this.options)) {
      return fused.convolvePooled(x, filter, bias);
    }
    if (!winograd?.pools(x.shape) || !winograd.fits(x.shape, filter.shape)) return null;
    if (stride !== 1 || padding !== 1) return null;
    const transformed = this.forwardFilter.get(String(version), () =>
      winograd.filter(filter, x.shape, false),
    );
    return winograd.convolvePooled(x, transformed, bias);
  }

  /** Whether `gradient` and `filterGradient` are there. */
  get goesBack(): boolean {
    const { fused } = this.kernels;
    return fused?.unpools(this.convolution.filter.shape, this.options) ?? false;
  }

  /**
   * From the signal behind an activation on the maxima to the gradient by the image; see
   * FusedKernels.unpool for the rest.
   */
  gradient(rule: SignalRule, signal: Tensor4D, output: Tensor4D, index: Tensor): Tensor4D {
    const { fused } = this.kernels;
    if (!fused) throw new RangeError('there are no convolutions of our own');
    const { filter, version } = this.convolution;
    if (filter.shape[2] === 1) return fused.firstGradient(rule, signal, output, index, filter);
    const panels = this.backwardFilter.get(String(version), () => fused.panels(filter));
    return fused.pooledGradient(rule, signal, output, index, panels);
  }

  /** From the same to the gradients by filter and bias; x is the image. */
  filterGradient(
    x: Tensor4D,
    rule: SignalRule,
    signal: Tensor4D,
    output: Tensor4D,
    index: Tensor,
  ): ParameterGradients {
    const { kernels, convolution, options } = this;
    const { fused } = kernels;
    if (!fused) throw new RangeError('there are no convolutions of our own');
    const { filter } = convolution;
    if (filter.shape[2] > 1) return fused.pooledFilterGradient(rule, signal, output, index, x);
    const unpooled = fused.unpool(rule, signal, output, index);
    const gradients = {
      filter: kernels.conv2dFilterGradient(x, filter.shape, unpooled, options),
      bias: kernels.biasAddGradient(unpooled),
    };
    unpooled.dispose();
    return gradients;
  }

  dispose(): void {
    this.forwardFilter.dispose();
    this.backwardFilter.dispose();
  }
}
