/** What every field of a setting shows of itself. */
export interface SettingLook {
  readonly label: string;
  /** What is accepted instead, where the value was refused. */
  readonly error?: string | undefined;
  /** The usual value in words, where the one set differs from it. */
  readonly usual?: string | undefined;
  readonly disabled?: boolean | undefined;
}
