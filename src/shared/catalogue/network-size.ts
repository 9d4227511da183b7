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

/** Names of the tensors of the last layer: those whose shape depends on how many classes there are. */
export function headTensors(network: NetworkDescriptor, form: NetworkForm): ReadonlySet<string> {
  const more = stateTensors(network, { ...form, classes: form.classes + 1 });
  const shapes = new Map(more.map(({ name, shape }) => [name, shape.join()]));
  const own = stateTensors(network, form);
  return new Set(
    own.filter(({ name, shape }) => shapes.get(name) !== shape.join()).map(({ name }) => name),
  );
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

/** What an optimiser keeps for each trained number, a float32 each, by PyTorch's names. */
const kept: Readonly<Record<Recipe['optimiser'], readonly Pick<StateTensor, 'name' | 'least'>[]>> =
  {
    adam: [{ name: 'exp_avg' }, { name: 'exp_avg_sq', least: 0 }],
    // It is there without momentum, too.
    sgd: [{ name: 'momentum_buffer' }],
  };

/** Every tensor of the file of an optimiser's state, such as `exp_avg.conv1.weight`. */
export function optimiserTensors(
  network: NetworkDescriptor,
  form: NetworkForm,
  { optimiser, init }: Pick<Recipe, 'optimiser' | 'init'>,
): StateTensor[] {
  const head = init?.layers === 'last' ? headTensors(network, form) : null;
  const trained = stateTensors(network, form).filter(
    ({ name, trained: learned }) => learned && head?.has(name) !== false,
  );
  return kept[optimiser].flatMap((kind) =>
    trained.map((tensor) => ({ ...tensor, ...kind, name: `${kind.name}.${tensor.name}` })),
  );
}

/** Bytes of the values in the file of an optimiser's state, likewise. */
export function optimiserBytes(
  network: NetworkDescriptor,
  form: NetworkForm,
  recipe: Pick<Recipe, 'optimiser' | 'init'>,
): number {
  return sum(optimiserTensors(network, form, recipe).map(bytesOf));
}
