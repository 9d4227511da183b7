import { type NetworkDescriptor, type NetworkForm, withDefaultOptions } from './network';

/** A layer that learns, and all that goes with it: what can be drawn anew as one. */
export interface LearntLayer {
  /** PyTorch's, of the layer or of the block that it is in: `conv1`, `layer4.1`, `classifier.6`. */
  readonly name: string;
  /** Names of its tensors, buffers too. */
  readonly tensors: readonly string[];
}

/**
 * A network's layers from the logits down to the image. What lies in a block (`layer1.0.conv1`) is one
 * layer with the rest of it, and batch normalisation goes with the layer that it follows.
 */
export function layersFromLogits(
  descriptor: Pick<NetworkDescriptor, 'tensors' | 'options'>,
  form: NetworkForm,
): readonly LearntLayer[] {
  const options = withDefaultOptions(descriptor, form.options);
  const layers: { name: string; tensors: string[] }[] = [];
  const found = new Map<string, string[]>();
  for (const tensor of descriptor.tensors({ ...form, options })) {
    const name = layerOf(tensor.name);
    const known = found.get(name);
    // A vector alone scales or shifts what the layer before gives.
    const goesWith = known ?? (tensor.shape.length < 2 ? layers.at(-1)?.tensors : undefined);
    const tensors = goesWith ?? [];
    tensors.push(tensor.name);
    found.set(name, tensors);
    if (!goesWith) layers.push({ name, tensors });
  }
  return layers.reverse();
}

/** `conv1` of `conv1.weight`, `layer1.0` of `layer1.0.conv1.weight`. */
const layerOf = (tensor: string) => tensor.split('.').slice(0, -1).slice(0, 2).join('.');
