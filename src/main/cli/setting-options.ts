import { type Command } from 'commander';
import { phraseOf } from '../../shared/catalogue/parameter';
import { optionText, type Setting, type Settings, withValue } from '../../shared/catalogue/setting';
import { scalar, scalars } from './options';

type CamelCase<T extends string> = T extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : T;

/** The options of settings, as text from commander; a switch alone is true. */
export type OptionsOf<S extends Settings> = {
  readonly [
    Path in keyof S as S[Path] extends { readonly option: infer Option extends string }
      ? CamelCase<Option>
      : never
  ]?: S[Path] extends { readonly kind: 'switch' } ? string | true : string;
};

/** The settings that have an option, by their path. */
const optional = (settings: Settings) =>
  Object.entries(settings).flatMap(([path, setting]) =>
    setting.option === undefined ? [] : [{ path, setting, option: setting.option }],
  );

const argumentOf = ({ kind }: Setting) => {
  if (kind === 'switch') return '[yes|no]';
  if (kind === 'levels') return '<list>';
  return kind === 'choice' ? '<name>' : '<number>';
};

/** What is set, and what may be said or what it means. */
function wordsOf(setting: Setting): string {
  const about =
    setting.kind === 'choice'
      ? setting.choices.map(({ value }) => value).join(', ')
      : (setting.help ?? ('unit' in setting ? setting.unit : undefined));
  return about === undefined ? phraseOf(setting) : `${phraseOf(setting)}: ${about}`;
}

/** @param usual what stands where an option is left out; default: the setting's own default */
export function addSettingOptions(command: Command, settings: Settings, usual?: string): Command {
  for (const { option, setting } of optional(settings)) {
    const { of } = setting;
    const owner = of && settings[of.path]?.option;
    const within = of && owner !== undefined ? `, of --${owner} ${of.value}` : '';
    command.option(
      `--${option} ${argumentOf(setting)}`,
      `${wordsOf(setting)}${within} (default: ${usual ?? defaultText(setting)})`,
    );
  }
  return command;
}

const defaultText = (setting: Setting): string =>
  setting.kind === 'limit' && setting.all !== undefined ? setting.all : optionText(setting.default);

/** Which option sets which field, for refusals; `before` stands before its path. */
export const optionNames = (settings: Settings, before = ''): Record<string, string> =>
  Object.fromEntries(
    optional(settings).map(({ path, option }) => [`${before}${path}`, `--${option}`]),
  );

/** What the options say, in the order of the settings. */
export function givenOptions(settings: Settings, options: object) {
  return optional(settings).flatMap(({ path, setting, option }) => {
    const name = option.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const text = Reflect.get(options, name) as string | true | undefined;
    return text === undefined ? [] : [{ path, setting, option, text }];
  });
}

/** Values with what the options change in them, not parsed yet. */
export function withOptions(values: object, settings: Settings, options: object): object {
  return givenOptions(settings, options).reduce(
    (changed, { path, setting, option, text }) =>
      withValue(changed, path, read(setting, text, `--${option}`)),
    values,
  );
}

const answers: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  no: false,
  false: false,
};

/** What an option says; what is no value of its kind stays text, which the schema refuses. */
function read({ kind }: Setting, text: string | true, option: string): unknown {
  if (text === true) return true;
  if (kind === 'switch') return answers[text] ?? text;
  if (kind === 'limit' && ['all', 'none'].includes(text)) return null;
  if (kind === 'levels') return scalars(text, option);
  return kind === 'choice' ? text : scalar(text);
}
