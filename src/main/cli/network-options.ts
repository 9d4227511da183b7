import { type Command, Option } from 'commander';
import { type DatasetFacts } from '../../shared/catalogue/datasets';
import {
  type NetworkCatalogue,
  type NetworkData,
  type NetworkDescriptor,
  type NetworkOption,
} from '../../shared/catalogue/network';
import { defaultRecipe, suggestedNetwork } from '../../shared/catalogue/suggestions';
import { initSchema, type Recipe } from '../../shared/catalogue/training';
import { refuse } from '../../shared/errors';
import { cropSchema, shapeIfSeen } from '../../shared/model-input';
import { parseOptions } from './options';
import { type Start } from './starting-model';

export const suggestedWord = '(default: what the dataset suggests)';

export const networkIds = ({ list }: NetworkCatalogue): string =>
  list.map(({ id }) => id).join(', ');

/** An option that some of the networks have, as the command line takes it. */
interface OfferedOption {
  readonly id: string;
  readonly offers: readonly {
    readonly network: NetworkDescriptor;
    readonly option: NetworkOption;
  }[];
  readonly flag: Option;
}

function offered(networks: NetworkCatalogue): OfferedOption[] {
  const all = networks.list.flatMap((network) =>
    network.options.map((option) => ({ network, option })),
  );
  const ids = [...new Set(all.map(({ option }) => option.id))];
  return ids.map((id) => {
    const offers = all.filter(({ option }) => option.id === id);
    const words = offers.map(({ network, option }) => {
      const choices = option.choices.map(({ value }) => value).join(' or ');
      return `of ${network.label}: ${choices} (default: ${option.default})`;
    });
    return { id, offers, flag: new Option(`--${id} <name>`, words.join('; ')) };
  });
}

/** The network that is trained, and what each network leaves open. */
export function addNetworkOptions(command: Command, networks: NetworkCatalogue): Command {
  command.option('--network <name>', `${networkIds(networks)} ${suggestedWord}`);
  for (const { flag } of offered(networks)) command.addOption(flag);
  return command;
}

/** The network that is asked for, or the one that the dataset suggests. */
export function chosenNetwork(
  networks: NetworkCatalogue,
  dataset: DatasetFacts,
  id: string = suggestedNetwork({ dataset, networks: networks.list }).id,
): NetworkDescriptor {
  const { what, ...data } = dataOf(dataset);
  return networks.fitting(id, data, { field: '--network', what });
}

interface BaseOptions {
  readonly network?: string | undefined;
  readonly initHead?: string | undefined;
  readonly trainLayers?: string | undefined;
  readonly resize?: string | undefined;
  readonly crop?: string | undefined;
  /** What `--init` names. */
  readonly start?: Start | undefined;
}

/**
 * What a model is trained by on a dataset where no option says otherwise, by the network that is asked
 * for. Refuses a network or an option that the dataset or the network does not take.
 */
export function baseRecipe(
  networks: NetworkCatalogue,
  dataset: DatasetFacts,
  given: BaseOptions,
): Recipe {
  const { start, network = start?.architecture } = given;
  const looked = {
    resize: sideOf(given.resize, start?.resize),
    crop: sideOf(given.crop, start?.crop),
  };
  const seen = { ...dataset, shape: shapeIfSeen(dataset.shape, looked) };
  const known = { dataset: seen, networks: networks.list };
  const usual = defaultRecipe(known, chosenNetwork(networks, seen, network));
  if (start && usual.architecture !== start.architecture) {
    throw refuse('--network', usual.architecture, `${start.architecture}, as --init has it`);
  }
  const options = offered(networks).flatMap(({ id, offers, flag }): [string, string][] => {
    const value: unknown = Reflect.get(given, flag.attributeName());
    if (typeof value !== 'string') return [];
    const choices = new Set(offers.flatMap(({ option }) => option.choices.map((one) => one.value)));
    if (!choices.has(value)) throw refuse(`--${id}`, value, `one of: ${[...choices].join(', ')}`);
    return [[id, value]];
  });
  const { what, ...data } = dataOf(seen);
  return networks.checked(
    {
      ...usual,
      resize: start?.resize ?? null,
      crop: start?.crop ?? null,
      options: { ...usual.options, ...start?.options, ...Object.fromEntries(options) },
      ...(start && { init: startOf(start, given) }),
    },
    data,
    what,
    { network: '--network', option: (id) => `--${id}` },
  );
}

/** With the last layer as it is asked for. Refuses to keep one of other classes. */
function startOf({ init, otherHead }: Start, given: BaseOptions): Recipe['init'] {
  const { initHead: head = init.head, trainLayers: layers = init.layers } = given;
  const schema = initSchema.pick({ head: true, layers: true });
  const asked = parseOptions(schema, { head, layers }, initOptionNames);
  if (asked.head === 'keep' && otherHead !== null) {
    throw refuse(
      '--init-head',
      head,
      `anew: of the weights that --init names ${otherHead}, and a last layer is kept where the classes have the same names`,
    );
  }
  return { ...init, ...asked };
}

const initOptionNames = { head: '--init-head', layers: '--train-layers' };

/** The side that an option says, else that of what training starts from. */
function sideOf(text: string | undefined, start: number | null | undefined): number | null {
  if (text === undefined) return start ?? null;
  const side = cropSchema.safeParse(Number(text));
  return side.success ? side.data : null;
}

/** How many classes are installed is core's to know. */
function dataOf({ shape, name }: DatasetFacts): NetworkData & { readonly what: string } {
  return { inputShape: shape, classes: null, what: `of ${name}` };
}
