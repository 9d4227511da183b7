/** Which of a network's outputs are of a dataset's classes, when its weights are imported. */
import { type OutputClasses } from '../../engine/models/output-classes';
import { few } from '../../shared/class-list';
import { refuse, StudioError } from '../../shared/errors';
import { type LabelChoice, matchClasses, type ModelClasses } from '../../shared/model-classes';

interface Labels {
  /** The classes of the dataset, in order. */
  readonly dataset: readonly string[];
  /** How many outputs the network has. */
  readonly count: number;
}

/**
 * What is chosen of a network's classes.
 *
 * @param known what a file of ours says, whose names stand where no others are given
 * @returns null: they are the dataset's, in order
 * @throws StudioError `invalid-input` at `classes` or `labels`
 */
export function chosenClasses(
  { classes: given, labels }: { classes: readonly string[] | null; labels: LabelChoice },
  { dataset, count }: Labels,
  known: OutputClasses | null,
): ModelClasses | null {
  const named = given ?? known?.names ?? null;
  const names = named && [...named];
  if (names && names.length !== count) {
    throw refuse('classes', `${names.length} names`, `${count} names, one for each output`);
  }
  if (labels === 'none') return { count, names, outputs: null };
  if (labels !== 'match') {
    return unlessOwn({ count, names, outputs: requireOutputs(labels, dataset, count) }, dataset);
  }
  if (!names) {
    if (count === dataset.length) return null;
    throw otherCount(count, dataset.length);
  }
  return unlessOwn({ count, names, outputs: byName(names, dataset) }, dataset);
}

/** Null for those of the dataset, in order, which need no other names. */
function unlessOwn(classes: ModelClasses, dataset: readonly string[]): ModelClasses | null {
  const { count, names, outputs } = classes;
  const same = (output: number, label: number) =>
    output === label && (names === null || names[output] === dataset[label]);
  return count === dataset.length && outputs?.every(same) === true ? null : classes;
}

/**
 * What a file of ours says, as far as it holds for these classes; null where its names have to tell, or they
 * are the dataset's, in order.
 *
 * @throws StudioError `invalid-input` at `classes` or `labels`
 */
export function keptClasses(
  { names: known, labels }: OutputClasses,
  { dataset, count }: Labels,
): ModelClasses | null {
  const names = known && [...known];
  if (names && names.length !== count) {
    throw refuse('classes', `${names.length} names`, `${count} names, one for each output`);
  }
  if (labels === null) {
    const found = names && whole(matchClasses(dataset, names.map(plainOutput)).outputs);
    return { count, names, outputs: found };
  }
  const places = new Map(labels);
  const found = dataset.map((name) => places.get(name) ?? null);
  const outputs = whole(found);
  const above = outputs?.find((output) => output >= count);
  if (above !== undefined) throw refuse('labels', above, `outputs from 0 to ${count - 1}`);
  // In an order of their own, and called otherwise: nothing tells which is which.
  if (!outputs && !names) throw unlike(dataset.filter((_, label) => found[label] === null));
  return outputs && unlessOwn({ count, names, outputs }, dataset);
}

const plainOutput = (name: string) => ({ name, alias: null });

/** Null where one is missing, or two are one. */
function whole(outputs: readonly (number | null)[]): number[] | null {
  const found = outputs.flatMap((output) => (output === null ? [] : [output]));
  return found.length === outputs.length && new Set(found).size === found.length ? found : null;
}

function requireOutputs(labels: readonly number[], dataset: readonly string[], count: number) {
  if (labels.length !== dataset.length) {
    const accepted = `${dataset.length} outputs, one for each class of the dataset`;
    throw refuse('labels', `${labels.length} outputs`, accepted);
  }
  const above = labels.findIndex((output) => output >= count);
  if (above >= 0) throw refuse(`labels.${above}`, labels[above], `from 0 to ${count - 1}`);
  const twice = labels.findIndex((output, label) => labels.indexOf(output) !== label);
  if (twice >= 0) throw refuse(`labels.${twice}`, labels[twice], 'each output once');
  return [...labels];
}

/** Outputs by the names of the classes; null: not one name is the same, so they are other classes. */
function byName(names: readonly string[], dataset: readonly string[]): number[] | null {
  const { outputs, ambiguous } = matchClasses(dataset, names.map(plainOutput));
  const found = whole(outputs);
  if (found) return found;
  const lost = dataset.filter((_, label) => outputs[label] === null);
  if (lost.length === dataset.length && names.length !== dataset.length) return null;
  const [first] = ambiguous;
  const why =
    first !== undefined
      ? `several outputs are called ${dataset[first] ?? ''}`
      : lost.length > 0
        ? `no output is called ${few(lost)}`
        : 'two classes have one output';
  throw unlike(lost, why);
}

/** @param why as a clause */
function unlike(lost: readonly string[], why = `no output is called ${few(lost)}`): StudioError {
  return new StudioError({
    code: 'invalid-input',
    message: `The network’s class names are not the dataset’s: ${why}. Say which output is of which class, or that it tells other classes apart.`,
    field: 'labels',
    value: 'match',
    accepted: 'none, or an output for each class of the dataset',
    details: { classes: lost.slice(0, 1000).join('\n') },
  });
}

function otherCount(count: number, classes: number): StudioError {
  return new StudioError({
    code: 'invalid-input',
    message: `The network tells ${count} classes apart, and the dataset has ${classes}: give the names of its classes, in order, or say that it tells other classes apart. It can then be explained by its own classes, and rated.`,
    field: 'classes',
    value: 'null',
    accepted: `${count} names; or none of them, with labels none`,
    details: { count: String(count) },
  });
}
