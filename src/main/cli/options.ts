import { type z } from 'zod';
import { parse, refuse, StudioError } from '../../shared/errors';
import { plainText } from '../../shared/identifying-text';

/** A number where the text is one, else the text itself, which the schema then refuses by name. */
export function scalar(text: string): number | string {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** `a,b,c` in plain text; empty parts are dropped. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map(plainText)
    .filter((part) => part !== '');

export const scalars = (text: string): (number | string)[] => list(text).map(scalar);

const rangeHelp = 'indices and ranges such as 0-9,42';

/** `0-9,42`: whole numbers in the order given, each once. */
export function indices(text: string, option: string): number[] {
  const found = new Set<number>();
  for (const part of list(text)) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (!match || last < first || last - first > 100_000) throw refuse(option, part, rangeHelp);
    for (let index = first; index <= last; index += 1) found.add(index);
  }
  if (found.size === 0) throw refuse(option, text, rangeHelp);
  return [...found];
}

/** Collects a repeated option. */
export const collect = (text: string, before: readonly string[]): readonly string[] => [
  ...before,
  text,
];

/** `sigma=0.2` … as an object; each name must be one of `names`. */
export function assignments(
  texts: readonly string[],
  option: string,
  names: readonly string[],
): Record<string, number | string> {
  const found: Record<string, number | string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = text.slice(0, at).trim();
    if (at < 1 || !names.includes(name)) {
      throw refuse(option, text, `name=value with one of ${names.join(', ')}`);
    }
    found[name] = scalar(text.slice(at + 1).trim());
  }
  return found;
}

/**
 * Parse with a schema; a refusal names the option that set the field.
 *
 * @param options from the field's path to the option's name, e.g. {'recipe.epochs': '--epochs'}; a
 * path that ends in a dot stands for all below it: {'parameters.': '--set '} gives '--set sigma'
 */
export function parseOptions<S extends z.ZodType>(
  schema: S,
  input: unknown,
  options: Readonly<Record<string, string>>,
): z.output<S> {
  try {
    return parse(schema, input);
  } catch (error) {
    throw error instanceof StudioError ? namingOption(error, options) : error;
  }
}

/** The same refusal in the words of the command line. */
export function namingOption(
  error: StudioError,
  options: Readonly<Record<string, string>>,
): StudioError {
  const { field, value = 'missing', accepted } = error.data;
  if (field === undefined || accepted === undefined) return error;
  const option = optionFor(field, options);
  if (option === null) return error;
  return new StudioError({
    ...error.data,
    message: `${option} is ${value}; accepted: ${accepted}.`,
    field: option,
  });
}

function optionFor(field: string, options: Readonly<Record<string, string>>): string | null {
  for (const [path, option] of Object.entries(options)) {
    if (path.endsWith('.') && field.startsWith(path)) return option + field.slice(path.length);
    if (field === path || field.startsWith(`${path}.`)) return option;
  }
  return null;
}

/** Leave out what was not given. */
export function given<T extends Record<string, unknown>>(values: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
