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
}

/**
 * One setting of a training or a run: the schema, the form, the table of settings, the repeating
 * command and the command line's options and help read it.
 */
export type Setting = (Parameter | Switch | Limit) & {
  /** On the command line, without its dashes; left out: it has none of its own. */
  readonly option?: string;
  /** It counts only where another setting, by its path, has this value. */
  readonly of?: { readonly path: string; readonly value: string };
};
/** By dotted path, in the order in which they are told. */
export type Settings = Readonly<Record<string, Setting>>;

export type SettingValue = number | string | boolean | null;

export const switchOf = (about: Omit<Switch, 'kind'>) => ({ kind: 'switch' as const, ...about });
export const limit = (about: Omit<Limit, 'kind' | 'default'>) => ({
  kind: 'limit' as const,
  ...about,
  default: null,
});

type SettingValueOf<S extends Setting> = S extends { readonly kind: 'switch' }
  ? boolean
  : S extends { readonly kind: 'limit' }
    ? number | null
    : S extends Parameter
      ? ValueOf<S>
      : never;

/** What is accepted for a setting, as refusals say it. */
export function acceptedFor(setting: Setting): string {
  if (setting.kind === 'switch') return 'true or false';
  if (setting.kind === 'limit') return acceptedBy({ ...setting, kind: 'integer', default: 0 });
  return acceptedBy(setting);
}

/** The same in a few words, beside a field that takes numbers. */
export function rangeOf(
  setting: Extract<Setting, { readonly kind: 'integer' | 'number' | 'limit' }>,
): string {
  const { low, high, above, below } = setting;
  const number = (value: number) => value.toLocaleString('en');
  if (setting.kind === 'limit') return `${number(low)} or more; empty: all`;
  const from = above ? `above ${number(low)}` : number(low);
  if (above) return `${from}, ${below ? 'below' : 'at most'} ${number(high)}`;
  return `${from} to ${below ? 'below ' : ''}${number(high)}`;
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
        : valueSchema(setting);
  return schema as unknown as z.ZodDefault<z.ZodType<SettingValueOf<S>>>;
}

/** The setting at a dotted path of nested values; undefined: there is none. */
export function valueAt(values: object, path: string): SettingValue | undefined {
  let value: unknown = values;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value as SettingValue | undefined;
}

/** Whether a setting counts among these values. */
export const counts = ({ of }: Setting, values: object): boolean =>
  of === undefined || valueAt(values, of.path) === of.value;

/** A value as the command line takes it. */
export function optionText(value: SettingValue): string {
  if (value === null) return 'all';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}
