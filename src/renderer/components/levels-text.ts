/** Removal levels as one field has them: '0, 0.1, 0.3'. */
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
