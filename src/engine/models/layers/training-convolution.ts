import type { ConvolutionOptions } from '../../runtime/convolution';
import type { FilterForm } from '../../runtime/direct';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor1D, Tensor4D } from '../../runtime/tensorflow';

/**
 * A convolution in training, each of its three products by the kernel that is fastest
 * for its sizes: Winograd's transforms, our own products of windows, or TensorFlow's. Arguments stay
 * the caller's.
 */
export class TrainingConvolution {
  private readonly kernels: Kernels;
  private readonly options: ConvolutionOptions;

  constructor(kernels: Kernels, options: ConvolutionOptions) {
    this.kernels = kernels;
    this.options = options;
  }

  /** Plus the bias, where there is one. */
  convolve(x: Tensor4D, filter: Tensor4D, bias?: Tensor1D): Tensor4D {
    const { kernels, options } = this;
    const { winograd, direct } = kernels;
    const [kernel, , , outputs] = filter.shape;
    return kernels.operations.tf.tidy(() => {
      if (winograd && this.isWinograd(x.shape, filter)) {
        return winograd.convolve(x, winograd.filter(filter, x.shape, false), { bias });
      }
      if (direct && this.hasForm('forward', filter)) {
        const sizes = { ...options, kernel, outputs };
        return direct.convolve(x, direct.layOut('forward', filter), sizes, { bias });
      }
      return kernels.conv2d(x, filter, options, bias);
    });
  }

  /** Plus the addend, which is like the image. */
  inputGradient(
    shape: readonly number[],
    filter: Tensor4D,
    signal: Tensor4D,
    addend: Tensor4D | null,
  ): Tensor4D {
    const { kernels, options } = this;
    const { winograd } = kernels;
    return kernels.operations.tf.tidy(() => {
      if (winograd && this.isWinograd(shape, filter)) {
        const turned = winograd.filter(filter, shape, true);
        return winograd.convolve(signal, turned, addend ? { addend } : {});
      }
      const { direct } = kernels;
      if (direct && options.stride === 1 && this.hasForm('turned', filter)) {
        const sizes = { stride: 1, padding: 0, kernel: 1, outputs: filter.shape[2] };
        const turned = direct.layOut('turned', filter);
        return direct.convolve(signal, turned, sizes, addend ? { addend } : {});
      }
      const gradient =
        this.stridedGradient(shape, filter, signal) ??
        kernels.conv2dInputGradient(shape, filter, signal, options);
      return addend ? kernels.add(gradient, addend) : gradient;
    });
  }

  filterGradient(x: Tensor4D, filter: Tensor4D, signal: Tensor4D): Tensor4D {
    const { kernels, options } = this;
    const { winograd, training } = kernels;
    if (winograd && this.isWinograd(x.shape, filter)) return winograd.filterGradient(x, signal);
    const [kernel, , inputs, outputs] = filter.shape;
    // Of the 7x7 first layer oneDNN's is as fast without laying the windows out.
    if (training && inputs % 16 === 0 && outputs % 16 === 0) {
      return training.filterGradient(x, signal, { ...options, kernel });
    }
    return kernels.conv2dFilterGradient(x, filter.shape, signal, options);
  }

  private stridedGradient(
    [, height = 1, width = 1]: readonly number[],
    filter: Tensor4D,
    signal: Tensor4D,
  ): Tensor4D | null {
    const { direct } = this.kernels;
    const even = height % 2 === 0 && width % 2 === 0;
    if (!direct || !even || !this.hasForm('strided-gradient', filter)) return null;
    const panels = direct.layOut('strided-gradient', filter);
    return direct.stridedGradient(signal, panels, filter.shape[2]);
  }

  private hasForm(form: FilterForm, filter: Tensor4D): boolean {
    return this.kernels.direct?.hasForm(form, filter.shape, this.options) ?? false;
  }

  private isWinograd(imageShape: readonly number[], filter: Tensor4D): boolean {
    const { stride, padding } = this.options;
    const unit = stride === 1 && padding === 1;
    return unit && (this.kernels.winograd?.fits(imageShape, filter.shape) ?? false);
  }
}
