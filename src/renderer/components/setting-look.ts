import { type Setting, type SettingValue } from '../../shared/catalogue/setting';

/** What every field of a setting shows of itself. */
export interface SettingLook {
  readonly label: string;
  /** What is accepted instead, where the value was refused. */
  readonly error?: string | undefined;
  /** The usual value in words, where the one set differs from it. */
  readonly usual?: string | undefined;
  readonly disabled?: boolean | undefined;
}

/** What the fields of described settings edit, and how each of them stands. */
export interface SettingForm {
  /** What they are set to, by their dotted paths; what is not there has its default. */
  readonly values: object;
  /** What is accepted instead, by path, where a value was refused. */
  readonly errors: Readonly<Record<string, string | undefined>>;
  readonly set: (path: string, value: SettingValue) => void;
  /** What is shown otherwise of one of them. */
  readonly look?: (path: string, setting: Setting) => FieldLook;
}

export interface FieldLook extends Omit<SettingLook, 'label' | 'error'> {
  /** In place of the range of a number. */
  readonly hint?: string | undefined;
}
