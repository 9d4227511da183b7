import { type RoarSettings, roarSettingsSchema } from '../../../shared/catalogue/roar';

/** Refusals of the settings by dotted path; an empty object: all accepted. */
export function settingErrors(settings: RoarSettings): Record<string, string> {
  const result = roarSettingsSchema.safeParse(settings);
  if (result.success) return {};
  const errors: Record<string, string> = {};
  for (const issue of result.error.issues) {
    const path = issue.path.map(String);
    // A refused level belongs to the one field in which all levels are typed.
    const key = (path[0] === 'levels' ? ['levels'] : path).join('.');
    errors[key] ??= issue.message;
  }
  return errors;
}

/** The refusals below one key: within('parameters') of {'parameters.n': …} is {n: …}. */
export function errorsWithin(
  errors: Readonly<Record<string, string>>,
  key: string,
): Record<string, string> {
  const prefix = `${key}.`;
  return Object.fromEntries(
    Object.entries(errors).flatMap(([path, message]) =>
      path.startsWith(prefix) ? [[path.slice(prefix.length), message]] : [],
    ),
  );
}

export function formatLevels(levels: readonly number[]): string {
  return levels.join(', ');
}

/** '0, .1, 0.3' as numbers; what is not a number becomes NaN, which the schema refuses. */
export function readLevels(text: string): number[] {
  return text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number);
}

/** Which settings differ from a preset's, by dotted path: what the preset no longer describes. */
export function changedSettings(settings: RoarSettings, preset: RoarSettings): string[] {
  const flat = (value: unknown, path: string): [string, string][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, item]) => flat(item, path ? `${path}.${key}` : key))
      : [[path, JSON.stringify(value)]];
  const base = new Map(flat(preset, ''));
  return flat(settings, '').flatMap(([path, value]) => (base.get(path) === value ? [] : [path]));
}
