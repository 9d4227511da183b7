import { z } from 'zod';
import { acceptedBy, type Numeric, type Parameter, type ValueOf, valueSchema } from './parameter';

/** On or off. */
export interface Switch {
  readonly kind: 'switch';
  readonly label: string;
  readonly phrase?: string;
  readonly help?: string;
  readonly default: boolean;
}

/** A whole number of something, or all there is (null). */
export interface Limit extends Omit<Numeric, 'default'> {
  readonly kind: 'limit';
  readonly default: null;
  /** What all there is comes to; default: all. */
  readonly all?: string;
}

/** Removal levels: the lowest, and others that ascend from it. */
export interface Levels {
  readonly kind: 'levels';
  readonly label: string;
  readonly phrase?: string;
  readonly help?: string;
  /** What each of them is. */
  readonly each: Extract<Parameter, { readonly kind: 'number' }>;
  /** So many at most. */
  readonly most: number;
  readonly default: readonly number[];
}

/**
 * One setting of a training or a run: the schema, the form, the table of settings, the repeating
 * command and the command line's options and help read it.
 */
export type Setting = (Parameter | Switch | Limit | Levels) & {
  /** On the command line, without its dashes; left out: it has none of its own. */
  readonly option?: string;
  /** It counts only where another setting, by its path, has this value. */
  readonly of?: { readonly path: string; readonly value: string };
};
/** By dotted path, in the order in which they are told. */
export type Settings = Readonly<Record<string, Setting>>;

export type SettingValue = number | string | boolean | null | readonly number[];

export const switchOf = (about: Omit<Switch, 'kind'>) => ({ kind: 'switch' as const, ...about });
export const limit = <A extends Omit<Limit, 'kind' | 'default'>>(about: A) => ({
  kind: 'limit' as const,
  ...about,
  default: null,
});
export const levelsOf = (about: Omit<Levels, 'kind'>) => ({ kind: 'levels' as const, ...about });

type SettingValueOf<S extends Setting> = S extends { readonly kind: 'switch' }
  ? boolean
  : S extends { readonly kind: 'limit' }
    ? number | null
    : S extends { readonly kind: 'levels' }
      ? number[]
      : S extends Parameter
        ? ValueOf<S>
        : never;

/** What is accepted for a setting, as refusals say it. */
export function acceptedFor(setting: Setting): string {
  if (setting.kind === 'switch') return 'true or false';
  if (setting.kind === 'levels') return rangeOf(setting);
  if (setting.kind === 'limit') return acceptedBy({ ...setting, kind: 'integer', default: 0 });
  return acceptedBy(setting);
}

/**
 * The same in a few words, beside a field that takes numbers.
 *
 * @param most so many there are, where that is known
 */
export function rangeOf(
  setting: Extract<Setting, { readonly kind: 'integer' | 'number' | 'limit' | 'levels' }>,
  most: number = Number.POSITIVE_INFINITY,
): string {
  if (setting.kind === 'levels') {
    const { each } = setting;
    return `2 to ${setting.most} levels, ascending from ${each.low}, at most ${each.high}`;
  }
  const { low, above, below, unit } = setting;
  const high = Math.min(setting.high, most);
  const number = (value: number) => value.toLocaleString('en');
  if (setting.kind === 'limit') {
    const { all = 'all' } = setting;
    return `${number(low)} ${Number.isFinite(most) ? `to ${number(high)}` : 'or more'}; empty: ${all}`;
  }
  const from = above ? `above ${number(low)}` : number(low);
  if (above) return `${from}, ${below ? 'below' : 'at most'} ${number(high)}`;
  const range = `${from} to ${below ? 'below ' : ''}${number(high)}`;
  return unit === undefined ? range : `${range} ${unit}`;
}

/** The schema of one setting's values, whose default stands in where it is left out. */
export function schemaOf<S extends Setting>(
  setting: S,
): z.ZodDefault<z.ZodType<SettingValueOf<S>>> {
  const schema =
    setting.kind === 'switch'
      ? z.boolean(acceptedFor(setting)).default(setting.default)
      : setting.kind === 'limit'
        ? z
            .int(acceptedFor(setting))
            .min(setting.low, acceptedFor(setting))
            .max(setting.high, acceptedFor(setting))
            .nullable()
            .default(null)
        : setting.kind === 'levels'
          ? levelsSchema(setting)
          : valueSchema(setting);
  return schema as unknown as z.ZodDefault<z.ZodType<SettingValueOf<S>>>;
}

const ascending = (levels: readonly number[]) =>
  levels.every((level, i) => level > Math.max(...levels.slice(0, i)));

const levelsSchema = ({ each, most, default: usual }: Levels) =>
  z
    .array(schemaOf(each).unwrap())
    .min(1, 'at least one level')
    .max(most, `at most ${most} levels`)
    .refine(
      ([first]) => first === each.low,
      `levels that start at ${each.low} (maps come from the t = ${each.low} model)`,
    )
    .refine(ascending, 'levels in ascending order, each once')
    .default([...usual]);

/** The setting at a dotted path of nested values; undefined: there is none. */
export function valueAt(values: object, path: string): SettingValue | undefined {
  let value: unknown = values;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value as SettingValue | undefined;
}

/** The same values with another at a dotted path. */
export function withValue<T extends object>(values: T, path: string, value: unknown): T {
  const [first = path, ...rest] = path.split('.');
  if (rest.length === 0) return { ...values, [first]: value };
  const inner = (Reflect.get(values, first) ?? {}) as object;
  return { ...values, [first]: withValue(inner, rest.join('.'), value) };
}

/** Whether a setting counts among these values. */
export const counts = ({ of }: Setting, values: object): boolean =>
  of === undefined || valueAt(values, of.path) === of.value;

/** A value as the command line takes it. */
export function optionText(value: SettingValue): string {
  if (value === null) return 'all';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(',') : String(value);
}
