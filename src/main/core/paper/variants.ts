import { canonicalJson } from '../../../shared/canonical';
import { type RoarSettings, roarSettingsSchema } from '../../../shared/catalogue/roar';
import { type PaperChoice } from './paper';

/** One other reading of one open choice of the paper. */
export interface Reading {
  readonly choice: string;
  /** Which of the choice's other readings, counted from 0. */
  readonly reading: number;
  readonly question: string;
  readonly text: string;
  /** As `choices.json` writes it, such as 'fill = random'. */
  readonly setting: string;
}

export interface Variant extends Reading {
  readonly settings: RoarSettings;
}

export interface Variants {
  readonly variants: readonly Variant[];
  /** Readings that no setting holds, or that mean nothing on this dataset. */
  readonly notRerun: readonly Omit<Reading, 'setting'>[];
}

const assignment = /^([a-zA-Z]+(?:\.[a-zA-Z-]+)*) = (\S+)$/;

/** Reruns of a run, each with one of the paper's open choices read in another way. */
export function variantsOf(base: RoarSettings, choices: readonly PaperChoice[]): Variants {
  const variants: Variant[] = [];
  const notRerun: Omit<Reading, 'setting'>[] = [];
  for (const { id, question, readings } of choices) {
    readings.forEach(({ text, setting }, reading) => {
      const about = { choice: id, reading, question, text };
      const settings = setting === null ? null : withSetting(base, setting);
      if (setting === null || settings === null) notRerun.push(about);
      else variants.push({ ...about, setting, settings });
    });
  }
  return { variants, notRerun };
}

/** Where a recipe keeps what its network leaves open. */
const optionPath = /^recipe\.options\.[a-zA-Z-]+$/;

/**
 * The settings with one of them changed, given as 'name = value' with the name's path. Null where
 * the text names no single value, and where the change means nothing (an option that the run's network
 * has not).
 *
 * @throws RangeError where it names a setting that there is not, or a value that it does not take.
 */
export function withSetting(base: RoarSettings, setting: string): RoarSettings | null {
  const [, path = '', text = ''] = assignment.exec(setting) ?? [];
  if (path === '') return null;
  const value = Number.isFinite(Number(text)) ? Number(text) : text;
  const changed = replaced(base, path.split('.'), value);
  if (changed === undefined) {
    if (optionPath.test(path)) return null;
    throw new RangeError(`${setting}: there is no setting ${path}`);
  }
  const parsed = roarSettingsSchema.safeParse(changed);
  if (!parsed.success) throw new RangeError(`${setting}: not a value of ${path}`);
  return canonicalJson(parsed.data) === canonicalJson(base) ? null : parsed.data;
}

/** The object with another value at a path; undefined where there is no such path. */
function replaced(part: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return undefined;
  const inner = replaced(Reflect.get(part, key), rest, value);
  return inner === undefined ? undefined : { ...part, [key]: inner };
}
