import { gradCam as descriptor } from '../../shared/catalogue/operators';
import { refuse } from '../../shared/errors';
import { breathe } from '../runtime/cancel';
import { type Tensor4D } from '../runtime/tensorflow';
import { directOperator, type DirectContext } from './operator';
import { upsample } from './upsample';

/**
 * Grad-CAM: relu of the sum over channels k of alpha_k A_k, with A what a layer gives and alpha_k the mean
 * over its places of the score's gradient by A_k; brought to the image's size by bilinear interpolation
 * (Selvaraju et al. 2017, arXiv 1610.02391, Eqs. 1, 2). The layer is counted from the last of the
 * network's that keep places. One value a pixel.
 */
export const gradCam = directOperator(descriptor, ({ target, score, camLayer }) => ({
  target,
  async attribute(context) {
    const { runtime, model, shape, targets, batch, input, signal, report } = context;
    const { tf } = runtime;
    const layer = layerOf(context, camLayer);
    const [height, width] = shape;
    const size = height * width * shape[2];
    const maps = new Float32Array(targets.length * height * width);
    for (let start = 0; start < targets.length; start += batch) {
      await breathe(signal);
      const taken = Math.min(batch, targets.length - start);
      const x = new Float32Array(batch * size);
      // A short batch is filled up with its last image.
      const classes = new Int32Array(batch);
      for (let i = 0; i < batch; i += 1) {
        const position = start + Math.min(i, taken - 1);
        x.set(input(position), i * size);
        classes[i] = targets[position] as number;
      }
      const { activations, gradients, ...others } = tf.tidy(() =>
        model.activationsAndGradients(
          tf.tensor4d(x, [batch, ...shape]),
          tf.tensor1d(classes, 'int32'),
          layer,
          { score, gate: 'none' },
        ),
      );
      const [, rows, columns, channels] = (activations as Tensor4D).shape;
      const [values, slopes] = [activations, gradients].map((of) => of.dataSync<'float32'>());
      for (const tensor of [activations, gradients, others.scores, others.logits]) {
        tensor.dispose();
      }
      if (!values || !slopes) throw new RangeError(`${layer} gave no activations`);
      const length = rows * columns * channels;
      for (let i = 0; i < taken; i += 1) {
        const own = (of: Float32Array) => of.subarray(i * length, (i + 1) * length);
        const coarse = classActivation(own(values), own(slopes), channels);
        const map = upsample(coarse, [rows, columns], [height, width]);
        maps.set(map, (start + i) * height * width);
      }
      report?.({ done: start + taken, total: targets.length, unit: 'gradients' });
    }
    return maps;
  },
}));

/** @param fromLast 1: the last layer that keeps places */
function layerOf({ model }: DirectContext, fromLast: number): string {
  const layers = model.featureLayers.toReversed();
  const layer = layers[fromLast - 1];
  if (layer !== undefined) return layer;
  throw refuse(
    'camLayer',
    fromLast,
    layers.length === 0
      ? 'nothing: the network has no layer that keeps places'
      : `from 1 to ${layers.length}: ${layers.map((name, i) => `${i + 1} is ${name}`).join(', ')}`,
  );
}

/** relu(sum alpha_k A_k) of one image's activations and gradients [h, w, c]: float64 [h, w]. */
function classActivation(
  activations: Float32Array,
  gradients: Float32Array,
  channels: number,
): Float64Array {
  const places = activations.length / channels;
  const alpha = new Float64Array(channels);
  for (let i = 0; i < gradients.length; i += 1) {
    const k = i % channels;
    alpha[k] = (alpha[k] as number) + (gradients[i] as number) / places;
  }
  const map = new Float64Array(places);
  for (let place = 0; place < places; place += 1) {
    let sum = 0;
    for (let k = 0; k < channels; k += 1) {
      sum += (alpha[k] as number) * (activations[place * channels + k] as number);
    }
    map[place] = Math.max(sum, 0);
  }
  return map;
}
