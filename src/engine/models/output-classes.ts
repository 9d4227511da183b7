import { z } from 'zod';
import { StudioError } from '../../shared/errors';
import type { ModelClasses } from '../../shared/model-classes';
import { noLabels, unlikeClasses } from '../../shared/model-classes';

/**
 * What a network's outputs stand for where they are not its dataset's classes in order, as the file of
 * its weights says it: by names, since another dataset may have the same classes in another order.
 */
export const outputClassesSchema = z.object({
  /** Of all outputs, in order; null: nobody named them. */
  names: z.array(z.string()).nullable(),
  /** Classes of the dataset and the outputs that are of them; null: they are other classes. */
  labels: z.array(z.tuple([z.string(), z.int().nonnegative()])).nullable(),
});
export type OutputClasses = Readonly<z.infer<typeof outputClassesSchema>>;

/** For the file, of what was chosen for a dataset. */
export function outputClasses(
  { names, outputs }: ModelClasses,
  dataset: readonly string[],
): OutputClasses {
  const labels = outputs?.map((output, label): [string, number] => [dataset[label] ?? '', output]);
  return { names, labels: labels ?? null };
}

/**
 * The outputs of a dataset's classes, by label; null where the network is of other classes.
 *
 * @param classes null: the dataset's own, in order
 * @throws StudioError `conflict` where it is of other classes than those that are installed
 */
export function outputsOf(
  classes: OutputClasses | null,
  count: number,
  dataset: readonly string[],
  name: string,
): Int32Array | null {
  if (classes?.labels === null) return null;
  if (classes === null) {
    if (dataset.length === count) return Int32Array.from(dataset, (_, label) => label);
    throw new StudioError({
      code: 'conflict',
      message: `The model tells ${count} classes apart, and the dataset ${name} as it is installed now has ${dataset.length}: choose a model that was trained on what is installed.`,
      details: { model: String(count), dataset: String(dataset.length) },
    });
  }
  const known = new Map(classes.labels);
  return Int32Array.from(dataset, (each) => {
    const output = known.get(each);
    if (output !== undefined) return output;
    throw new StudioError({
      code: 'conflict',
      message: `The model has no output for ${each}, a class of the dataset ${name} as it is installed now: choose a model that was imported for what is installed.`,
      details: { class: each },
    });
  });
}

/** Whether outputs are a dataset's classes in order, whatever else they are called. */
export function inOrder({ labels }: OutputClasses, dataset: readonly string[]): boolean {
  if (labels === null) return false;
  const outputs = labels.map(([, output]) => output);
  const classes = { count: labels.length, names: null, outputs };
  const own = labels.map(([name]) => name);
  return unlikeClasses(classes, own, dataset) === null;
}

/** A refusal of what needs the true class of images. */
export const withoutLabels = (): StudioError =>
  new StudioError({
    code: 'invalid-input',
    message: noLabels('The model'),
    field: 'target',
    value: 'label',
    accepted: 'predicted, or a class of the network’s own',
  });
