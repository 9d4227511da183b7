import {
  type NetworkDescriptor,
  type NetworkForm,
  type StateTensor,
  withDefaultOptions,
} from './network';
import { type Recipe } from './training';

const numbersOf = ({ shape }: StateTensor): number =>
  shape.reduce((product, size) => product * size, 1);
const bytesOf = (tensor: StateTensor): number =>
  numbersOf(tensor) * (tensor.type === 'I64' ? 8 : 4);
const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/** Every tensor of a network's weights file, buffers too. */
export function stateTensors(network: NetworkDescriptor, form: NetworkForm): StateTensor[] {
  return network.tensors({ ...form, options: withDefaultOptions(network, form.options) });
}

/** Trainable numbers of a network. */
export function parameterCount(network: NetworkDescriptor, form: NetworkForm): number {
  return sum(
    stateTensors(network, form)
      .filter((tensor) => tensor.trained)
      .map(numbersOf),
  );
}

/** Bytes of the values in a weights file: its header, below a thousandth of them, is not counted. */
export function weightsBytes(network: NetworkDescriptor, form: NetworkForm): number {
  return sum(stateTensors(network, form).map(bytesOf));
}

/** How many float32 numbers an optimiser keeps for each trained one. */
const kept: Readonly<Record<Recipe['optimiser'], number>> = {
  adam: 2,
  // Its buffer is there without momentum, too.
  sgd: 1,
};

/** Bytes of the values in the file of an optimiser's state, likewise. */
export function optimiserBytes(
  network: NetworkDescriptor,
  form: NetworkForm,
  { optimiser }: Pick<Recipe, 'optimiser'>,
): number {
  return 4 * kept[optimiser] * parameterCount(network, form);
}
