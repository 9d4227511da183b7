import { z } from 'zod';
import { formatCount } from './format/counts';
import { nameKey } from './identifying-text';

/**
 * What the outputs of a network stand for where they are not its dataset's classes in their order.
 */
export const modelClassesSchema = z.object({
  /** How many outputs there are. */
  count: z.int().positive(),
  /** Their names, in order; null: nobody named them. */
  names: z.array(z.string()).nullable(),
  /** Of each of the dataset's classes, the output that is of it; null: they are other classes. */
  outputs: z.array(z.int().nonnegative()).nullable(),
});
export type ModelClasses = z.infer<typeof modelClassesSchema>;

/**
 * Which outputs are of the dataset's classes, as an import is told: `match` by names (without names: as
 * many, in order), `none`: they are other classes, or the output of each class of the dataset.
 */
export const labelChoiceSchema = z.union([
  z.enum(['match', 'none']),
  z.array(z.int().nonnegative()),
]);
export type LabelChoice = z.infer<typeof labelChoiceSchema>;

/** What an output is called. */
export const outputName = ({ names }: Pick<ModelClasses, 'names'>, output: number): string =>
  names?.[output] ?? `class ${output}`;

/** The names of all outputs of a model. */
export function outputNames(classes: ModelClasses | null, dataset: readonly string[]): string[] {
  if (classes === null) return [...dataset];
  return Array.from({ length: classes.count }, (_, output) => outputName(classes, output));
}

/** The output of a class of the dataset; null where the network has none for it. */
export const outputOf = (classes: ModelClasses | null, label: number): number | null =>
  classes === null ? label : (classes.outputs?.[label] ?? null);

/** Whether a network tells the dataset's classes apart, so that there is a right answer. */
export const knowsLabels = (classes: ModelClasses | null): boolean =>
  classes === null || classes.outputs !== null;

/** Why what needs the true class is refused for a network of other classes. */
export const noLabels = (model: string): string =>
  `${model} tells other classes apart than its dataset’s, so that no output of it is an image’s true class: its accuracy, maps of the label, ROAR and metrics that need the label do not exist. Maps of the predicted class (target: predicted), or of one of its own classes, can be made and rated.`;

/** A network's output as a person writes it: by its name, and by another name that some lists have. */
export interface NamedOutput {
  readonly name: string;
  /** Such as the synset of an ImageNet class. */
  readonly alias: string | null;
}

export interface Matches {
  /** Of each of the dataset's classes, the output of that name; null: there is none, or several. */
  readonly outputs: readonly (number | null)[];
  /** Labels whose names several outputs have. */
  readonly ambiguous: readonly number[];
}

/** Case, and what stands between words, tells no classes apart. */
const looseKey = (name: string) =>
  nameKey(name)
    .replaceAll(/[\s_\-.,]+/g, ' ')
    .trim();

/**
 * Which output has the name of which class: exactly, else but for case, spaces, hyphens and underscores.
 */
export function matchClasses(dataset: readonly string[], outputs: readonly NamedOutput[]): Matches {
  const exact = indexOf(outputs, (name) => name);
  const loose = indexOf(outputs, looseKey);
  const ambiguous: number[] = [];
  const found = dataset.map((name, label) => {
    const places = exact.get(name) ?? loose.get(looseKey(name)) ?? [];
    if (places.length > 1) ambiguous.push(label);
    return places.length === 1 ? (places[0] ?? null) : null;
  });
  return { outputs: found, ambiguous };
}

/**
 * What keeps the outputs of a network from being a dataset's classes in order, by their names, as a clause;
 * null: nothing.
 *
 * @param classes of the network
 * @param own the classes of the network's dataset
 */
export function unlikeClasses(
  classes: ModelClasses | null,
  own: readonly string[],
  dataset: readonly string[],
): string | null {
  const names = outputNames(classes, own);
  // What was said to be of a class is called as that is.
  classes?.outputs?.forEach((output, label) => {
    names[output] = own[label] ?? outputName(classes, output);
  });
  const count = `${formatCount(names.length)} class${names.length === 1 ? '' : 'es'}`;
  if (names.length !== dataset.length) {
    return `it tells ${count} apart, not ${formatCount(dataset.length)}`;
  }
  const outputs = names.map((name) => ({ name, alias: null }));
  const found = matchClasses(dataset, outputs).outputs;
  const at = found.findIndex((output, label) => output !== label);
  return at < 0 ? null : `class ${at + 1} is ${names[at]} there, and ${dataset[at]} here`;
}

function indexOf(
  outputs: readonly NamedOutput[],
  key: (name: string) => string,
): Map<string, number[]> {
  const places = new Map<string, number[]>();
  outputs.forEach(({ name, alias }, output) => {
    for (const each of new Set([name, ...(alias === null ? [] : [alias])].map(key))) {
      places.set(each, [...(places.get(each) ?? []), output]);
    }
  });
  return places;
}
