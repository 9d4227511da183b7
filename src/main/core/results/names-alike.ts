import { lookOf, NameIndex, toldApart } from '../../../shared/identifying-text';
import { type ResultsInput } from './input';

/**
 * Names that were stored before text that identifies was made plain, and that nobody can tell apart
 * by looking: they stay two, each with its own labels, and that is said.
 */
export function namesAlike({ ratings, raters, methods, datasets }: ResultsInput): string[] {
  const column = (key: 'rater' | 'dataset' | 'image' | 'method') => ratings.map((row) => row[key]);
  const kinds: readonly (readonly [string, readonly string[]])[] = [
    ['raters', [...raters.map(({ code }) => code), ...column('rater')]],
    ['datasets', [...datasets, ...column('dataset')]],
    ['methods', [...methods, ...column('method')]],
    ['images', column('image')],
  ];
  return kinds.flatMap(([kind, names]) =>
    new NameIndex(names, lookOf)
      .alike()
      .map(
        (alike) =>
          `${alike.length} ${kind} look alike and are counted apart, because they were stored so: ${toldApart(alike.sort())}. If they are one, export the ratings, write the name in one way in that file and import it as another study.`,
      ),
  );
}
