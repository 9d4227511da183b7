import { canonicalJson } from '../../../shared/canonical';

/** What of an answer depends on the time that it took, or is told by the files themselves. */
const incidental = new Set(['seconds', 'files']);

/** What two engines of one class must agree in, besides the files' hashes. */
export function figuresOf(output: object): string {
  const figures = Object.entries(output).filter(([name]) => !incidental.has(name));
  return canonicalJson(Object.fromEntries(figures));
}
