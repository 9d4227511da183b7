import { z } from 'zod';

/** What every parameter says of itself: forms, tables of settings, reports and help read it. */
const described = {
  /** As a form names it: a word or two. */
  label: z.string(),
  /** As a phrase of a sentence that compares settings; default: the label in lower case. */
  phrase: z.string().optional(),
  help: z.string().optional(),
};

const numeric = {
  ...described,
  low: z.number(),
  high: z.number(),
  /** The low end itself is too low. */
  above: z.boolean().optional(),
  /** The high end itself is too high. */
  below: z.boolean().optional(),
  default: z.number(),
  /** What its numbers are of, after their range: 'of the pixels'. */
  unit: z.string().optional(),
  /** What is counted, for a parameter of which fewer is less than the protocol in full. */
  counts: z.string().optional(),
  /** What 1 is the whole of, where the value reads as a share as well. */
  shareOf: z.string().optional(),
};

const choice = z.object({ value: z.string(), label: z.string(), help: z.string().optional() });

/** One parameter of an operator, a network or a metric, as data. */
export const parameterSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('integer'), ...numeric }),
  z.object({ kind: z.literal('number'), ...numeric }),
  z.object({
    kind: z.literal('choice'),
    ...described,
    choices: z.array(choice).min(1),
    default: z.string(),
  }),
  /** The class that is explained: the image's label, the model's prediction, or a class number. */
  z.object({ kind: z.literal('target'), ...described, default: z.enum(['label', 'predicted']) }),
]);
export type Parameter = z.infer<typeof parameterSchema>;
export type Parameters = Readonly<Record<string, Parameter>>;

/** A value of any parameter, as it is stored and sent. */
export const parameterValueSchema = z.union([z.number(), z.string()]);
export type ParameterValue = z.infer<typeof parameterValueSchema>;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** A product of numbers and of parameters by their names; empty: once. */
export const costSchema = z.array(z.union([z.number(), z.string()]));

export function costOf(
  cost: z.infer<typeof costSchema>,
  valueOf: (name: string) => ParameterValue | undefined,
): number {
  return cost.reduce<number>((product, factor) => {
    const times = typeof factor === 'number' ? factor : valueOf(factor);
    if (typeof times !== 'number') throw new RangeError(`${factor} is no number to cost by`);
    return product * times;
  }, 1);
}

/** Raised where the arithmetic of what it stands with changes on purpose; left out: the first. */
export const versionSchema = z.int().min(2).optional();

/** The highest class number that a target may name. */
const highestClass = 9999;
export type Target = 'label' | 'predicted' | number;

export type ValueOf<P extends Parameter> = P extends { readonly kind: 'integer' | 'number' }
  ? number
  : P extends { readonly kind: 'target' }
    ? Target
    : P extends { readonly choices: readonly { readonly value: infer V }[] }
      ? V
      : never;

/** The values of described parameters, by their names. */
export type ValuesOf<P extends Parameters> = { [K in keyof P]: ValueOf<P[K]> };

export type Numeric = Omit<Extract<Parameter, { kind: 'integer' }>, 'kind'>;

export const integer = (about: Numeric) => ({ kind: 'integer' as const, ...about });
export const real = (about: Numeric) => ({ kind: 'number' as const, ...about });
export const target = (label: string) => ({
  kind: 'target' as const,
  label,
  default: 'label' as const,
});

/** @param choices the default first */
export function choiceOf<const V extends string>(
  label: string,
  choices: readonly { readonly value: V; readonly label: string; readonly help?: string }[],
) {
  const [first] = choices;
  if (!first) throw new RangeError(`${label} has no choices`);
  return { kind: 'choice' as const, label, choices: [...choices], default: first.value as string };
}

/** A value as a sentence has it. */
export function valueText(parameter: Parameter, value: ParameterValue): string {
  const choices = parameter.kind === 'choice' ? parameter.choices : [];
  return choices.find((choice) => choice.value === value)?.label.toLowerCase() ?? String(value);
}

/** A parameter within a sentence that compares settings. */
export const phraseOf = ({ phrase, label }: Pick<Parameter, 'label' | 'phrase'>): string =>
  phrase ?? label.toLowerCase();

/** A parameter with its value, as a list of facts has it: '15 noisy samples', 'noise σ 0.15'. */
export function factOf(parameter: Parameter, value: ParameterValue): string {
  return 'counts' in parameter && parameter.counts !== undefined
    ? `${value} ${parameter.counts}`
    : `${phraseOf(parameter)} ${valueText(parameter, value)}`;
}

function ends({ low, high, above, below }: Numeric): string {
  if (above && below) return `between ${low} and ${high}`;
  if (above) return `above ${low} and at most ${high}`;
  return `from ${low} to ${below ? 'below ' : ''}${high}`;
}

/** What is accepted for a parameter, as refusals and forms say it. */
export function acceptedBy(parameter: Parameter): string {
  switch (parameter.kind) {
    case 'integer':
      return `a whole number from ${parameter.low} to ${parameter.high}`;
    case 'number':
      return `a number ${ends(parameter)}`;
    case 'choice':
      return `one of: ${parameter.choices.map(({ value }) => value).join(', ')}`;
    case 'target':
      return `label, predicted, or a class number from 0 to ${highestClass}`;
  }
}

/** The schema of a parameter's values, whose default stands in where it is left out. */
export function valueSchema(
  parameter: Parameter,
): z.ZodType<ParameterValue, ParameterValue | undefined> {
  const accepted = acceptedBy(parameter);
  switch (parameter.kind) {
    case 'integer':
      return z
        .int(accepted)
        .min(parameter.low, accepted)
        .max(parameter.high, accepted)
        .default(parameter.default);
    case 'number':
      return z
        .number(accepted)
        [parameter.above ? 'gt' : 'min'](parameter.low, accepted)
        [parameter.below ? 'lt' : 'max'](parameter.high, accepted)
        .default(parameter.default);
    case 'choice':
      return z
        .enum(
          parameter.choices.map(({ value }) => value),
          accepted,
        )
        .default(parameter.default);
    case 'target':
      return z
        .union([z.enum(['label', 'predicted']), z.int().min(0).max(highestClass)])
        .default(parameter.default);
  }
}

/** The fields of a schema of described parameters' values, missing ones filled in. */
export function shapeOf<P extends Parameters>(parameters: P) {
  const fields = Object.entries(parameters).map(([name, each]) => [name, valueSchema(each)]);
  return Object.fromEntries(fields) as { [K in keyof P]: z.ZodDefault<z.ZodType<ValueOf<P[K]>>> };
}
