import type { ConvolutionOptions } from './convolution';
import type { ConvolutionEnding, ReluGate } from './convolution-ending';
import type { Operations } from './operations';
import type { Attribute, Tensor, Tensor4D } from './tensorflow';

/** How a filter is laid out for its use; it can be kept as long as the filter stands. */
const filterForms = ['forward', 'turned', 'strided-gradient', 'stem'] as const;
export type FilterForm = (typeof filterForms)[number];

/**
 * Our own convolutions (native/direct.cc, stem.cc) for what Winograd's transforms do not fit, with
 * what comes after them fused: products of windows, read in place, and panels of sixteen
 * channels. An image's result depends neither on its place in the batch nor on the number of threads.
 */
export interface DirectKernels {
  /** Whether a filter [kernel, kernel, C, D] has a form. */
  hasForm(form: FilterForm, filterShape: readonly number[], options: ConvolutionOptions): boolean;
  layOut(form: FilterForm, filter: Tensor4D): Tensor;
  /**
   * x [B, H, W, C] by a `forward` filter, or a 1x1 one `turned`, with what comes after it:
   * [B, H', W', outputs]. An addend [B, ceil(H' / 2), ceil(W' / 2), outputs], a 1x1 shortcut's signal,
   * meets every second row and column.
   */
  convolve(
    x: Tensor4D,
    panels: Tensor,
    sizes: ConvolutionOptions & { kernel: number; outputs: number },
    ending?: ConvolutionEnding,
  ): Tensor4D;
  /**
   * Backward through a 3x3 convolution of stride 2 and padding 1 over even sides, by its
   * `strided-gradient` filter: the signal [B, h, w, D] to [B, 2h, 2w, inputs]. The addend
   * [B, h, w, inputs], a 1x1 shortcut's signal, meets every second row and column.
   */
  stridedGradient(
    signal: Tensor4D,
    panels: Tensor,
    inputs: number,
    ending?: { addend?: Tensor4D; gate?: ReluGate | undefined; shortSums?: boolean },
  ): Tensor4D;
  /**
   * max(0, maximum) of 3x3 windows, stride 2, padding 1, and which of the nine it was (row by row;
   * the first on ties, so that the signal goes where PyTorch sends it).
   */
  poolRelu(x: Tensor4D): { maximum: Tensor4D; index: Tensor };
  /**
   * Backward through the first convolution and the ReLU behind it, or, with an index, `poolRelu`: the
   * signal to [B, H, W, C], the images' shape. `output` is what the ReLU or `poolRelu` gave.
   */
  stemGradient(
    signal: Tensor4D,
    output: Tensor4D,
    index: Tensor | null,
    taps: Tensor,
    sizes: ConvolutionOptions & { kernel: number; imageShape: readonly number[]; guided: boolean },
  ): Tensor4D;
}

const panel = 16;
/** What becomes of a result, as the operations count it. */
const rules = { none: 0, relu: 1, gate: 2, guided: 3 } as const;

export function directKernels(operations: Operations): DirectKernels {
  const { tf } = operations;
  const cache = new Map<string, Attribute[]>();
  const none = tf.keep(tf.tensor1d([], 'float32'));
  // tfjs has no tensor of bytes: the index of no images.
  const noIndex = tf.keep(tf.tidy(() => poolRelu(tf.zeros([0, 1, 1, panel])).index));

  function attributesOf(values: Record<string, number | boolean>): Attribute[] {
    const key = JSON.stringify(values);
    let attributes = cache.get(key);
    if (!attributes) {
      attributes = operations.attributes(
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [
            name,
            typeof value === 'boolean' ? { bool: value } : { int: value },
          ]),
        ),
      );
      cache.set(key, attributes);
    }
    return attributes;
  }

  function poolRelu(x: Tensor4D): { maximum: Tensor4D; index: Tensor } {
    const [maximum, index] = operations.runMany('StudioPoolRelu', [], [x], 2);
    if (!maximum || !index) throw new RangeError('max pooling gave no result');
    return { maximum: maximum as Tensor4D, index };
  }

  return {
    hasForm(form, [rows = 0, columns = 0, inputs = 0, outputs = 0], { stride, padding }) {
      if (rows !== columns) return false;
      if (form === 'forward') return outputs % panel === 0;
      if (form === 'turned') return rows === 1 && padding === 0 && inputs % panel === 0;
      if (form === 'strided-gradient') {
        return rows === 3 && stride === 2 && padding === 1 && inputs % panel === 0;
      }
      const covered = 2 * padding >= stride - 1;
      return covered && outputs % panel === 0 && outputs <= 1024 && rows * inputs <= 24;
    },
    layOut(form, filter) {
      const attributes = attributesOf({ form: filterForms.indexOf(form) });
      return operations.run('StudioFilterPanels', attributes, [filter]);
    },
    convolve(
      x,
      panels,
      { kernel, stride, padding, outputs },
      { bias, addend, relu = false, gate, shortSums = false } = {},
    ) {
      const ungated = relu ? rules.relu : rules.none;
      const rule = gate ? (gate.guided ? rules.guided : rules.gate) : ungated;
      const attributes = attributesOf({
        kernel,
        stride,
        padding,
        outputs,
        rule,
        short_sums: shortSums,
      });
      const tensors = [x, panels, bias ?? none, addend ?? none, gate?.output ?? none];
      return operations.run('StudioConvolution', attributes, tensors) as Tensor4D;
    },
    stridedGradient(signal, panels, inputs, { addend, gate, shortSums = false } = {}) {
      const rule = gate ? (gate.guided ? rules.guided : rules.gate) : rules.none;
      const attributes = attributesOf({ outputs: inputs, rule, short_sums: shortSums });
      const tensors = [signal, panels, addend ?? none, gate?.output ?? none];
      return operations.run('StudioStridedGradient', attributes, tensors) as Tensor4D;
    },
    poolRelu,
    stemGradient(signal, output, index, taps, { kernel, stride, padding, imageShape, guided }) {
      const [, height = 0, width = 0, colours = 0] = imageShape;
      const rule = guided ? rules.guided : rules.gate;
      const attributes = attributesOf({ kernel, stride, padding, height, width, colours, rule });
      const tensors = [signal, output, index ?? noIndex, taps];
      return operations.run('StudioStemGradient', attributes, tensors) as Tensor4D;
    },
  };
}
