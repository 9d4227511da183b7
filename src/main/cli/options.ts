import { type z } from 'zod';
import { parse, refuse, StudioError } from '../../shared/errors';
import { plainText } from '../../shared/identifying-text';
import { knownName, someNames, splitNames } from '../../shared/name-list';

/** A number where the text is one, else the text itself, which the schema then refuses by name. */
export function scalar(text: string): number | string {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function partsOf(text: string, option: string): string[] {
  const parts = splitNames(text);
  if (parts !== null) return parts;
  throw refuse(
    option,
    text,
    'names parted by commas; one that has a comma or begins with a quote stands in quotes, those within it doubled ("Smith, J",Bob)',
  );
}

/** The parts of a list in plain text, empty ones dropped; a quote out of place is refused, naming the option. */
export const list = (text: string, option: string): string[] =>
  partsOf(text, option)
    .map(plainText)
    .filter((part) => part !== '');

/**
 * What a list of names means. A text that names something as a whole means that alone; else commas
 * part the names, and CSV quotes protect a comma within one. Refuses an empty list and what nothing is
 * named, naming the option.
 *
 * @param find what a name means; null: there is nothing of that name
 * @param accepted what there is
 */
export function named<T>(
  text: string,
  option: string,
  find: (name: string) => T | null,
  accepted: string,
): T[] {
  const whole = find(text);
  if (whole !== null) return [whole];
  const parts = partsOf(text, option);
  if (parts.length === 0) throw refuse(option, text, accepted);
  return parts.map((part) => {
    const found = find(part);
    if (found === null) throw refuse(option, part, accepted);
    return found;
  });
}

/** The same of names that are all known, each once; `none` is why there may be no name at all. */
export function namedOf(
  text: string,
  option: string,
  known: readonly string[],
  none: string,
): string[] {
  const accepted = known.length > 0 ? `one of: ${someNames(known)}` : `nothing, because ${none}`;
  return [...new Set(named(text, option, (name) => knownName(name, known), accepted))];
}

export const scalars = (text: string, option: string): (number | string)[] =>
  list(text, option).map(scalar);

const rangeHelp = 'indices and ranges such as 0-9,42';

/** `0-9,42`: whole numbers in the order given, each once. */
export function indices(text: string, option: string): number[] {
  const found = new Set<number>();
  for (const part of list(text, option)) {
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
