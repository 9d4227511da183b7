import { matchClasses, type NamedOutput } from '../../../shared/model-classes';

/** Of each of the dataset's classes the output that is of it; null: none yet. */
export type Mapping = readonly (number | null)[];

/** What the outputs are of. `file`: what the file or the order says. */
export type ClassesChoice = 'file' | 'mapped' | 'other';

/** What to call each output in a list: with its number where another has the same name. */
export function outputLabels(
  outputs: readonly NamedOutput[] | null,
  count: number,
): readonly string[] {
  if (!outputs) return Array.from({ length: count }, (_, output) => `class ${output}`);
  const times = new Map<string, number>();
  for (const { name } of outputs) times.set(name, (times.get(name) ?? 0) + 1);
  return outputs.map(({ name }, output) =>
    (times.get(name) ?? 0) > 1 ? `${name} (${output})` : name,
  );
}

/** Where a person begins: by the names, or one after the other where there are none. */
export function firstMapping(
  dataset: readonly string[],
  outputs: readonly NamedOutput[] | null,
  count: number,
): Mapping {
  if (outputs) return matchClasses(dataset, outputs).outputs;
  return dataset.map((_, label) => (label < count ? label : null));
}

/** What is chosen before a person says anything. */
export function firstChoice(
  mapping: Mapping,
  { named, count, stated }: { named: boolean; count: number; stated: boolean },
): ClassesChoice {
  if (!named) return stated || count === mapping.length ? 'file' : 'other';
  return mapping.every((output) => output === null) && count !== mapping.length
    ? 'other'
    : 'mapped';
}

/** Two classes with each other's outputs. */
export function swapped(mapping: Mapping, one: number, other: number): Mapping {
  return mapping.map((output, label) => {
    if (label === one) return mapping[other] ?? null;
    return label === other ? (mapping[one] ?? null) : output;
  });
}

/** Every class with an output of its own; null where one lacks it, or shares it. */
export function wholeMapping(mapping: Mapping): number[] | null {
  const outputs = mapping.flatMap((output) => (output === null ? [] : [output]));
  const whole = outputs.length === mapping.length && new Set(outputs).size === outputs.length;
  return whole ? outputs : null;
}

/** What is still wrong with a mapping, in words; null: nothing. */
export function mappingProblem(mapping: Mapping, dataset: readonly string[]): string | null {
  const lost = mapping.flatMap((output, label) => (output === null ? [dataset[label] ?? ''] : []));
  if (lost.length > 0) {
    const more = lost.length > 3 ? ` and ${lost.length - 3} more` : '';
    return `No output yet for ${lost.slice(0, 3).join(', ')}${more}`;
  }
  const twice = mapping.findIndex((output, label) => mapping.indexOf(output) !== label);
  if (twice < 0) return null;
  const first = dataset[mapping.indexOf(mapping[twice] ?? null)] ?? '';
  return `${first} and ${dataset[twice] ?? ''} have one output`;
}
