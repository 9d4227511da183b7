import { chownSync } from 'node:fs';
import { onTestFinished } from 'vitest';

const nobody = 65_534;

/** For the rest of a test, be a user from whom files can be kept, which root is not; folders go along. */
export function asLesserUser(...folders: readonly string[]): void {
  if (process.getuid?.() !== 0) return;
  for (const folder of folders) chownSync(folder, nobody, nobody);
  process.seteuid?.(nobody);
  onTestFinished(() => process.seteuid?.(0));
}
