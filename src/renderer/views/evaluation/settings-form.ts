import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import {
  type RoarSettings,
  roarSettingsFor,
  type RunSetting,
  runSettings,
} from '../../../shared/catalogue/roar';
import { type ErrorData } from '../../../shared/errors';

/** Refusals of the settings by dotted path; an empty object: all accepted. */
export function settingErrors(
  settings: RoarSettings,
  dataset: Pick<DatasetFacts, 'shape'>,
  metric: Pick<MetricDescriptor, 'result'>,
): Record<string, string> {
  const result = roarSettingsFor(dataset, metric).safeParse(settings);
  if (result.success) return {};
  const errors: Record<string, string> = {};
  for (const issue of result.error.issues) {
    const path = issue.path.map(String);
    // A refused level belongs to the one field in which all levels are typed.
    const inLevels = path[0] === 'levels';
    const key = (inLevels ? ['levels'] : path).join('.');
    const place = inLevels && path[1] !== undefined ? ` (level ${Number(path[1]) + 1} is not)` : '';
    errors[key] ??= `${issue.message}${place}`;
  }
  return errors;
}

/** Core's refusal as one of the form's: the path of the setting and what is accepted there. */
export function refusedSetting(error: ErrorData): { path: string; accepted: string } | null {
  const path = /(?:^|\.)settings\.(.+)$/.exec(error.field ?? '')?.[1];
  if (path === undefined) return null;
  const [first = path] = path.split('.');
  const whole = first === 'levels' || first === 'methods';
  // In a form, null is an empty field.
  const accepted = (error.accepted ?? error.message).replace(/^null for/, 'empty for');
  return { path: whole ? first : path, accepted };
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

/** The parts of the form, and which of them a setting stands in. */
export const formParts = ['evaluation', 'training', 'methods', 'parameters'] as const;
export type FormPart = (typeof formParts)[number];

export function partOf(path: string): FormPart {
  if (path.startsWith('recipe.')) return 'training';
  if (path.startsWith('parameters.')) return 'parameters';
  if (path === 'methods') return 'methods';
  return Object.entries(runSettings).find(([name]) => name === path)?.[1].part ?? 'evaluation';
}

/** The settings of a run that stand in a part and count under its metric, by their path. */
export function settingsIn(part: FormPart, metric: MetricDescriptor): Record<string, RunSetting> {
  return Object.fromEntries(
    Object.entries<RunSetting>(runSettings).filter(
      ([, setting]) => setting.part === part && (setting.under?.(metric) ?? true),
    ),
  );
}

type Leaf = readonly [path: string, value: unknown];

/** Every setting that is no object, by its path; an array is one value. */
export function settingLeaves(settings: RoarSettings): Leaf[] {
  const flat = (value: unknown, path: string): Leaf[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, item]) => flat(item, path ? `${path}.${key}` : key))
      : [[path, value]];
  return flat(settings, '');
}

/** Which settings differ from a preset's, by dotted path: what the preset no longer describes. */
export function changedSettings(settings: RoarSettings, preset: RoarSettings): string[] {
  const base = new Map(settingLeaves(preset).map(([path, value]) => [path, JSON.stringify(value)]));
  return settingLeaves(settings).flatMap(([path, value]) =>
    base.get(path) === JSON.stringify(value) ? [] : [path],
  );
}
