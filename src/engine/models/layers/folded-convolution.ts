import type { ConvolutionOptions } from '../../runtime/convolution';
import type { ReluGate } from '../../runtime/convolution-ending';
import type { DirectKernels, FilterForm } from '../../runtime/direct';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor1D, Tensor4D } from '../../runtime/tensorflow';
import type { WinogradKernels } from '../../runtime/winograd';
import { Derived } from '../derived';
import type { BatchNorm } from './batch-norm';
import type { Conv2d } from './conv2d';

/** Outside training sums round as little as they can: see ConvolutionEnding. */
const shortSums = true;

/**
 * Values of a transformed filter that is kept. Forward one of 512 channels, 38 MB, is made anew for each
 * batch in a few milliseconds: with all kept, VGG16's take more memory than its images. Turned ones take
 * twice as long to make, and stay.
 */
const mostKept = 2 ** 22;
/** Locations of images that are so small that a filter takes longer to make than to use: it is kept. */
const few = 8 * 8;

/**
 * A convolution and the batch normalisation after it, where there is one, outside training: one
 * convolution with filter w * factor and bias shift (see BatchNorm.affine). What it needs of them is kept, in the form that
 * its kernel takes, until a parameter, a running statistic or the images' size moves. Arguments stay
 * the caller's.
 */
export class FoldedConvolution {
  private readonly kernels: Kernels;
  private readonly convolution: Conv2d;
  private readonly norm: BatchNorm | null;
  private readonly options: ConvolutionOptions;
  private readonly folded: Derived<Tensor1D>;
  private readonly forwardFilter: Derived;
  private readonly backwardFilter: Derived;

  constructor(
    kernels: Kernels,
    parts: { convolution: Conv2d; norm: BatchNorm | null },
    options: ConvolutionOptions,
  ) {
    this.kernels = kernels;
    this.convolution = parts.convolution;
    this.norm = parts.norm;
    this.options = options;
    this.folded = new Derived(kernels);
    this.forwardFilter = new Derived(kernels);
    this.backwardFilter = new Derived(kernels);
  }

  /** max(0, convolution + bias + addend), the last two where asked for. */
  convolve(x: Tensor4D, ending: { addend?: Tensor4D | undefined; relu?: boolean } = {}): Tensor4D {
    const { kernels, options } = this;
    const { addend, relu = false } = ending;
    const { winograd, direct } = kernels;
    const [kernel = 1, , , outputs = 1] = this.shape;
    const bias = this.bias();
    if (winograd && this.isWinograd(x.shape)) {
      return kernels.operations.tf.tidy(() => {
        const filter = this.transformed(winograd, x.shape, false);
        return winograd.convolve(x, filter, { bias, addend, relu, shortSums });
      });
    }
    // An addition to 3x3 sums that have no transforms (oblong, a side of one or two pixels) is TensorFlow's, as
    // it was before products had one: by our own, ResNet18's and ResNet34's scores would be others.
    if (direct && this.hasForm('forward') && (!addend || kernel === 1)) {
      const panels = this.inForm('forward', this.forwardFilter);
      const sizes = { ...options, kernel, outputs };
      return direct.convolve(x, panels, sizes, { bias, addend, relu, shortSums });
    }
    const filter = this.forwardFilter.get(`plain ${this.version}`, () => this.filter());
    return kernels.operations.tf.tidy(() => {
      const sum = kernels.conv2d(x, filter as Tensor4D, options, bias);
      const all = addend ? kernels.add(sum, addend) : sum;
      return relu ? kernels.relu(all) : all;
    });
  }

  /** The gradient by the input of such a shape, plus the addend, and through the gate before it. */
  gradient(
    signal: Tensor4D,
    inputShape: readonly number[],
    ending: { addend?: Tensor4D | undefined; gate?: ReluGate | undefined } = {},
  ): Tensor4D {
    const { kernels, options } = this;
    const { addend, gate } = ending;
    const { winograd, direct } = kernels;
    const [, , inputs = 1] = this.shape;
    if (winograd && this.isWinograd(inputShape)) {
      return kernels.operations.tf.tidy(() => {
        const filter = this.transformed(winograd, inputShape, true);
        return winograd.convolve(signal, filter, { addend, gate, shortSums });
      });
    }
    if (direct && this.isProduct) return this.turnedProduct(direct, signal, { addend, gate });
    if (direct && !addend && this.isStrided(inputShape)) {
      const panels = this.inForm('strided-gradient', this.backwardFilter);
      return direct.stridedGradient(signal, panels, inputs, { gate, shortSums });
    }
    const filter = this.backwardFilter.get(`plain ${this.version}`, () => this.filter());
    return kernels.operations.tf.tidy(() => {
      const own = kernels.conv2dInputGradient(inputShape, filter as Tensor4D, signal, options);
      const all = addend ? kernels.add(own, addend) : own;
      if (!gate) return all;
      return kernels.reluGradient(gate.guided ? kernels.relu(all) : all, gate.output);
    });
  }

  /** Whether a 1x1 convolution parallel to this one, of the same output, can join it backward. */
  joins(inputShape: readonly number[], shortcut: FoldedConvolution): boolean {
    const joined = this.isStrided(inputShape) || (this.isProduct && shortcut.options.stride === 2);
    return joined && shortcut.hasForm('turned');
  }

  /**
   * The gradient by the input of this convolution and of such a shortcut, which both had it: the
   * shortcut's meets every second row and column only.
   */
  joinedGradient(
    signal: Tensor4D,
    shortcut: { convolution: FoldedConvolution; signal: Tensor4D },
    gate: ReluGate | undefined,
  ): Tensor4D {
    const { direct, operations } = this.kernels;
    if (!direct) throw new RangeError('there are no convolutions of our own');
    const [, , inputs = 1] = this.shape;
    return operations.tf.tidy(() => {
      const addend = shortcut.convolution.turnedProduct(direct, shortcut.signal);
      if (this.isProduct) return this.turnedProduct(direct, signal, { addend, gate });
      const panels = this.inForm('strided-gradient', this.backwardFilter);
      return direct.stridedGradient(signal, panels, inputs, { addend, gate, shortSums });
    });
  }

  /** Whether `stemGradient` is there. */
  get isStem(): boolean {
    return this.hasForm('forward') && this.hasForm('stem');
  }

  /** Backward through this first convolution and what is behind it: see DirectKernels.stemGradient. */
  stemGradient(
    signal: Tensor4D,
    behind: { output: Tensor4D; index: Tensor | null; guided: boolean },
    imageShape: readonly number[],
  ): Tensor4D {
    const { direct } = this.kernels;
    if (!direct) throw new RangeError('there are no convolutions of our own');
    const [kernel = 1] = this.shape;
    const { output, index, guided } = behind;
    const sizes = { ...this.options, kernel, imageShape, guided };
    return direct.stemGradient(
      signal,
      output,
      index,
      this.inForm('stem', this.backwardFilter),
      sizes,
    );
  }

  dispose(): void {
    for (const derived of [this.folded, this.forwardFilter, this.backwardFilter]) derived.dispose();
  }

  private get shape(): readonly number[] {
    return this.convolution.filter.shape;
  }

  private get version(): number {
    return this.convolution.version + (this.norm?.version ?? 0);
  }

  /** A 1x1 convolution that meets every location: backward it is one, too. */
  private get isProduct(): boolean {
    return this.options.stride === 1 && this.hasForm('turned');
  }

  private isWinograd(imageShape: readonly number[]): boolean {
    const { stride, padding } = this.options;
    const fits = this.kernels.winograd?.fits(imageShape, this.shape) ?? false;
    return fits && stride === 1 && padding === 1;
  }

  /** Whether there is a strided gradient to such an image. */
  private isStrided([, height = 0, width = 0]: readonly number[]): boolean {
    return height % 2 === 0 && width % 2 === 0 && this.hasForm('strided-gradient');
  }

  private hasForm(form: FilterForm): boolean {
    return this.kernels.direct?.hasForm(form, this.shape, this.options) ?? false;
  }

  private inForm(form: FilterForm, slot: Derived): Tensor {
    const { direct } = this.kernels;
    if (!direct) throw new RangeError('there are no convolutions of our own');
    return slot.get(`${form} ${this.version}`, () => direct.layOut(form, this.filter()));
  }

  /** The signal, of the size of the result, by the turned 1x1 filter. */
  private turnedProduct(
    direct: DirectKernels,
    signal: Tensor4D,
    ending: { addend?: Tensor4D | undefined; gate?: ReluGate | undefined } = {},
  ): Tensor4D {
    const [, , inputs = 1] = this.shape;
    const sizes = { stride: 1, padding: 0, kernel: 1, outputs: inputs };
    const turned = this.inForm('turned', this.backwardFilter);
    return direct.convolve(signal, turned, sizes, { ...ending, shortSums });
  }

  /**
   * The filter for images of such a shape, on whose size it depends: kept, or where it is too large the
   * innermost tidy's.
   */
  private transformed(
    winograd: WinogradKernels,
    shape: readonly number[],
    turned: boolean,
  ): Tensor {
    const [, height = 0, width = 0] = shape;
    const make = () => winograd.filter(this.filter(), shape, turned);
    const large = winograd.filterSize(shape, this.shape) > mostKept;
    if (!turned && large && height * width > few) return make();
    const slot = turned ? this.backwardFilter : this.forwardFilter;
    return slot.get(`${height}x${width} ${this.version}`, make);
  }

  /** The folded filter, new. Its last axis is the output's channel. */
  private filter(): Tensor4D {
    const { convolution, kernels, norm } = this;
    if (!norm) return convolution.filter.clone();
    const { factor, shift } = norm.affine();
    const filter = kernels.multiply(convolution.filter, factor);
    factor.dispose();
    shift.dispose();
    return filter;
  }

  /** The folded bias; it stays this one's. */
  private bias(): Tensor1D | undefined {
    const { convolution, kernels, norm } = this;
    if (!norm) return convolution.bias;
    return this.folded.get(String(this.version), () => {
      const { factor, shift } = norm.affine();
      const { bias } = convolution;
      return bias ? kernels.add(shift, kernels.multiply(bias, factor)) : shift;
    });
  }
}
