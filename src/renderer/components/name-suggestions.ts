import { nameKey } from '../../shared/identifying-text';

/** More classes than this are found by name: nobody scrolls a list of them, which takes long to draw. */
export const mostListed = 500;

/** Names that are offered at once. */
const suggested = 30;

/** Finds names by what somebody typed of them. */
export function nameSuggestions(names: readonly string[]) {
  const keys = names.map(nameKey);
  return {
    /** The first few that hold a text, whatever its case. */
    of(typed: string): string[] {
      const wanted = nameKey(typed);
      const found: string[] = [];
      for (const [i, key] of keys.entries()) {
        if (key.includes(wanted)) found.push(names[i] ?? '');
        if (found.length === suggested) break;
      }
      return found;
    },
    /** The place of the name that was typed in full; -1 for none. */
    placeOf(typed: string): number {
      const exact = names.indexOf(typed);
      return exact >= 0 ? exact : keys.indexOf(nameKey(typed));
    },
  };
}
