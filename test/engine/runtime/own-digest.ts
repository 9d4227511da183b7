import { createHash } from 'node:crypto';
import { TrainingConvolution } from '../../../src/engine/models/layers/training-convolution';
import { loadRuntime } from '../../../src/engine/runtime/load';
import type { Tensor, Tensor1D } from '../../../src/engine/runtime/tensorflow';
import { signed, tensor4d, uniform } from '../support';

/** Batch, side, channels in and out, kernel, stride: each form that our own kernels have. */
const convolutions = [
  [7, 9, 32, 48, 3, 1],
  [70, 2, 32, 32, 3, 1],
  [70, 1, 32, 32, 3, 1],
  [7, 8, 32, 64, 3, 2],
  [7, 8, 32, 64, 1, 2],
  [3, 16, 16, 32, 7, 1],
  // Images that threads take in parts.
  [2, 58, 32, 64, 3, 1],
  [2, 60, 16, 32, 3, 2],
  [1, 13, 32, 256, 3, 1],
] as const;

/** sha256 of what each of our own operations gives with so many threads. */
export async function digest(threads: number): Promise<string> {
  const runtime = await loadRuntime({ threads });
  const { tf, kernels } = runtime;
  const { direct, fused, products, training, winograd } = kernels;
  if (!direct || !fused || !products || !training || !winograd)
    throw new RangeError('our own operations run on the processor only');
  const hash = createHash('sha256');
  const add = (...tensors: Tensor[]) => {
    for (const tensor of tensors) hash.update(new Uint8Array(tensor.dataSync().slice().buffer));
  };
  const drawn = (shape: [number, number, number, number], salt: number) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return tensor4d(runtime, signed(size, salt), shape);
  };
  tf.tidy(() => {
    for (const [batch, side, inputs, outputs, kernel, stride] of convolutions) {
      const convolution = new TrainingConvolution(kernels, { stride, padding: (kernel - 1) / 2 });
      const x = drawn([batch, side, side, inputs], 1);
      const filter = drawn([kernel, kernel, inputs, outputs], 2);
      const result = convolution.convolve(x, filter);
      const signal = drawn(result.shape, 3);
      const sizes = { kernel, stride, padding: (kernel - 1) / 2, outputs };
      const ending = { shortSums: true };
      add(
        kernel === 3 && stride === 1
          ? winograd.convolve(x, winograd.filter(filter, x.shape, false), ending)
          : direct.convolve(x, direct.layOut('forward', filter), sizes, ending),
      );
      add(result, convolution.filterGradient(x, filter, signal));
      // Back through what we have no kernel for goes TensorFlow, which promises nothing.
      if (kernel === 3) add(convolution.inputGradient(x.shape, filter, signal, x));
    }
    const x = drawn([9, 16, 15, 48], 4);
    const own = (salt: number): Tensor1D => tf.tensor1d(uniform(48, salt), 'float32');
    const parameters = {
      scale: own(5),
      offset: own(6),
      running: { mean: own(7), variance: own(8) },
    };
    const settings = { epsilon: 1e-5, momentum: 0.1, relu: true, addend: x };
    const norm = training.batchNorm(x, parameters, settings);
    const saved = { ...norm, scale: parameters.scale };
    const back = training.batchNormGradient(x, drawn([9, 16, 15, 48], 9), saved, true);
    if (!back.through) throw new RangeError('the signal was not split');
    add(norm.output, norm.mean, norm.inverse, norm.running.mean, norm.running.variance);
    add(back.input, back.scale, back.offset, back.through);
    const image = drawn([9, 16, 14, 32], 10);
    const taps = drawn([3, 3, 32, 48], 11);
    const grey = drawn([9, 16, 14, 1], 12);
    for (const { output, index } of [
      winograd.convolvePooled(image, winograd.filter(taps, image.shape, false), own(13)),
      fused.convolvePooled(grey, drawn([3, 3, 1, 48], 14), own(15)),
    ]) {
      add(output, fused.unpool('relu', output, output, index));
      add(fused.pooledGradient('selu', output, output, index, fused.panels(taps)));
      const learnt = fused.pooledFilterGradient('selu', output, output, index, image);
      add(learnt.filter, learnt.bias);
    }
    const matrix = tf.tensor2d(signed(144 * 80, 16), [144, 80], 'float32');
    for (const turned of [false, true]) {
      const width = turned ? 80 : 144;
      const rows = tf.tensor2d(signed(37 * width, 17), [37, width], 'float32');
      add(products.multiply(rows, products.panels(matrix, turned)));
    }
    const { maximum, index } = direct.poolRelu(x);
    add(maximum, training.unpool(maximum, index, 16, 15));
    const step = tf.tensor1d([0.1, 0.9, 5e-4], 'float32');
    training.momentum(back.input, norm.output, back.through, step, true);
    add(back.input, norm.output);
  });
  return hash.digest('hex');
}
