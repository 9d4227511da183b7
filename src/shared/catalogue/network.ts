import { z } from 'zod';
import { refuse } from '../errors';
import { counted } from '../format/counts';
import { networkIdSchema } from './network-id';
import { type Recipe, recipeSchema } from './training';

/** Values of a network's options by the option's id. */
export type NetworkOptions = Readonly<Record<string, string>>;

/** What a network leaves open: the images it takes, the classes it tells apart, its options. */
export interface NetworkForm {
  /** Height, width, channels. */
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  /** What is left out is the option's default. */
  readonly options: NetworkOptions;
}

/** A tensor of a network's weights file, under PyTorch's name and in its shape. */
export interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: 'F32' | 'I64';
  /** Whether an optimiser trains it: else it is a buffer, such as a running mean. */
  readonly trained: boolean;
  /** The least value that it can have, such as 0 of a variance; left out: any finite one. */
  readonly least?: number;
}

/** Both ends belong to it; with a step only every so many-th number from the least on. */
const rangeSchema = z.object({ min: z.int(), max: z.int(), step: z.int().min(1).optional() });
type Range = z.infer<typeof rangeSchema>;

export const networkOptionSchema = z.object({
  /** Also the command line's: `stem` is `--stem`. */
  id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/),
  label: z.string(),
  help: z.string(),
  choices: z
    .array(
      z.object({
        value: z.string(),
        label: z.string(),
        help: z.string(),
        /** In a list of what a model is, such as "small stem". */
        words: z.string(),
        /** How many times as many places its layers have as by the default; left out: as many. */
        places: z.number().optional(),
      }),
    )
    .min(1),
  /** One of the choices' values. */
  default: z.string(),
});
export type NetworkOption = z.infer<typeof networkOptionSchema>;

/** What a batch is for: training steps, input gradients, or scores. */
export const batchPurposes = ['train', 'gradient', 'forward'] as const;
export type BatchPurpose = (typeof batchPurposes)[number];
export const batchPlanSchema = z.record(z.enum(batchPurposes), z.int());
/**
 * Physical batch sizes, of images of at most 64 x 64 (`batchesFor` has them for larger ones). Of
 * training it is only what rates are measured at: a recipe has its own.
 */
export type BatchPlan = Readonly<z.infer<typeof batchPlanSchema>>;

const inputSchema = z.object({
  height: rangeSchema,
  width: rangeSchema,
  channels: rangeSchema,
  classes: rangeSchema,
});

/** A network as data, which travels to the pages. */
export const networkDescriptionSchema = z.object({
  id: networkIdSchema,
  /** As people write it, such as ResNet18. */
  label: z.string(),
  help: z.string(),
  /** What a file of its weights holds, for those who bring one. */
  weights: z.string(),
  /** What it takes. */
  input: inputSchema,
  /** What it is suggested for where a dataset suggests nothing; left out: for all that it takes. */
  suggestedFor: inputSchema.optional(),
  /** Whether its weights tell the side of square images, so that their file need not. */
  tellsSide: z.boolean().optional(),
  options: z.array(networkOptionSchema),
  /** Layers whose activations [B, h, w, c] can be asked for, from the input on, in every form. */
  layers: z.array(z.object({ name: z.string(), label: z.string() })),
  batches: batchPlanSchema,
  /** What it is trained by where nothing else is said, with its own id and all its options. */
  recipe: recipeSchema,
});
export type NetworkDescription = z.infer<typeof networkDescriptionSchema>;

/** A network as core knows it: the weights' tensors, too, which forecasts count. */
export interface NetworkDescriptor extends NetworkDescription {
  /** Every tensor of its weights file, buffers too. `form` has all its options. */
  tensors(form: NetworkForm): StateTensor[];
}

/** The options with the defaults of those that are left out. */
export function withDefaultOptions(
  { options }: Pick<NetworkDescription, 'options'>,
  given: NetworkOptions,
): NetworkOptions {
  const defaults = options.map((option): [string, string] => [option.id, option.default]);
  return { ...Object.fromEntries(defaults), ...given };
}

/** The value of an option in a form that has all of them. Throws RangeError where it has not. */
export function optionOf({ options }: NetworkForm, id: string): string {
  const value = options[id];
  if (value === undefined) throw new RangeError(`the form has no option ${id}`);
  return value;
}

/** The images that a network is to take; classes null: not known yet. */
export interface NetworkData {
  readonly inputShape: NetworkForm['inputShape'];
  readonly classes: number | null;
}

const within = (value: number, { min, max, step = 1 }: Range) =>
  value >= min && value <= max && (value - min) % step === 0;

function rangeWords({ min, max, step = 1 }: Range): string {
  if (min === max) return String(min);
  return min + step === max ? `${min} or ${max}` : `${min} to ${max}`;
}

/** Whether a network takes such images and so many classes. */
export function takes(
  { input }: Pick<NetworkDescription, 'input'>,
  { inputShape: [height, width, channels], classes }: NetworkData,
): boolean {
  return (
    within(height, input.height) &&
    within(width, input.width) &&
    within(channels, input.channels) &&
    (classes === null || within(classes, input.classes))
  );
}

/** What a network takes, in words. */
export function inputWords({ input }: Pick<NetworkDescription, 'input'>): string {
  const { height, width, channels, classes } = input;
  const { step = 1 } = height;
  const steps = step > 1 ? ` in steps of ${step}` : '';
  const sides = `${rangeWords(height)} x ${rangeWords(width)} pixels${steps}`;
  return `images of ${sides} and ${rangeWords(channels)} channel${channels.max === 1 ? '' : 's'}, and ${rangeWords(classes)} classes`;
}

/** Whether a file of its weights states how large the images are, because these leave it open. */
export function statesSize(
  { input, tellsSide = false }: Pick<NetworkDescription, 'input' | 'tellsSide'>,
  [height, width]: NetworkForm['inputShape'],
): boolean {
  const fixed = input.height.min === input.height.max && input.width.min === input.width.max;
  return !fixed && !(tellsSide && height === width);
}

/** The choices of a model's options in words, such as "small stem"; what is not known as it stands. */
export function optionWords(
  description: Pick<NetworkDescription, 'options'>,
  given: NetworkOptions,
): string[] {
  const options = withDefaultOptions(description, given);
  return Object.entries(options).map(([id, value]) => {
    const option = description.options.find((one) => one.id === id);
    return option?.choices.find((choice) => choice.value === value)?.words ?? `${id} ${value}`;
  });
}

/** Fields of a refusal, as the caller's input has them. */
export interface NetworkFields {
  readonly network: string;
  /** Of an option; default: below `network`'s place, `options.ID`. */
  readonly option: (id: string) => string;
}

/** What is refused of a recipe at a path. */
export const recipeFields = (path: string): NetworkFields => ({
  network: `${path}.architecture`,
  option: (id) => `${path}.options.${id}`,
});

/** The networks that can be chosen. */
export class NetworkCatalogue {
  readonly list: readonly NetworkDescriptor[];

  /** Throws RangeError where two have one id, or an option's default is none of its choices. */
  constructor(list: readonly NetworkDescriptor[]) {
    this.list = list;
    const ids = new Set<string>();
    for (const { id, options } of list) {
      if (ids.has(id)) throw new RangeError(`two networks have the id ${id}`);
      ids.add(id);
      for (const { id: option, choices, default: usual } of options) {
        if (choices.some(({ value }) => value === usual)) continue;
        throw new RangeError(`${id}: the default ${usual} is no choice of ${option}`);
      }
    }
  }

  find(id: string): NetworkDescriptor | undefined {
    return this.list.find((network) => network.id === id);
  }

  /** Throws `invalid-input` at `field` for an id that is not in the catalogue. */
  get(id: string, field = 'architecture'): NetworkDescriptor {
    const found = this.find(id);
    if (!found) throw refuse(field, id, this.list.map((network) => network.id).join(', '));
    return found;
  }

  /**
   * A network for such images, which are `what` in words (such as "of MNIST").
   *
   * @throws StudioError `invalid-input` at `field` where it is not known or does not take them
   */
  fitting(
    id: string,
    data: NetworkData,
    { field, what }: { readonly field: string; readonly what: string },
  ): NetworkDescriptor {
    const network = this.get(id, field);
    if (takes(network, data)) return network;
    const [height, width, channels] = data.inputShape;
    const others = this.list.filter((one) => takes(one, data)).map((one) => one.id);
    const which = others.length > 0 ? others.join(', ') : 'no network that there is';
    const classes = data.classes === null ? '' : `, ${data.classes} classes`;
    const given = `${height} x ${width} pixels, ${counted(channels, 'channel')}${classes}`;
    throw refuse(
      field,
      id,
      `${which}, for the images ${what} (${given}); ${id} takes ${inputWords(network)}`,
    );
  }

  /**
   * A recipe with all options of its network, for such images.
   *
   * @throws StudioError `invalid-input` where the network is not known or does not take the images,
   *   or an option is not the network's or not one of its choices
   */
  checked(recipe: Recipe, data: NetworkData, what: string, fields: NetworkFields): Recipe {
    const network = this.fitting(recipe.architecture, data, { field: fields.network, what });
    for (const [id, value] of Object.entries(recipe.options)) {
      const option = network.options.find((one) => one.id === id);
      const accepted = option
        ? `one of: ${option.choices.map((choice) => choice.value).join(', ')}`
        : `nothing: ${network.id} has ${network.options.map((one) => one.id).join(', ') || 'no options'}`;
      if (option?.choices.some((choice) => choice.value === value)) continue;
      throw refuse(fields.option(id), value, accepted);
    }
    return { ...recipe, options: withDefaultOptions(network, recipe.options) };
  }

  /** The networks as data alone. */
  describe(): NetworkDescription[] {
    return this.list.map((network) => networkDescriptionSchema.parse(network));
  }
}
