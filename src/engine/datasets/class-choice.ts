import type { DatasetSubset } from '../../shared/catalogue/datasets';
import { refuse } from '../../shared/errors';
import { nameKey } from '../../shared/identifying-text';

/** A class of a distribution. */
export interface DistributedClass {
  /** Its id there: a WordNet id, or its name. */
  readonly id: string;
  /** What it is called in the app. */
  readonly name: string;
  /** Other names that it may be asked for by. */
  readonly synonyms: readonly string[];
}

/**
 * The classes that a subset keeps, in the distribution's order, whatever order they were asked in.
 *
 * @throws StudioError `invalid-input` naming `subset.classes.i` where a name is no class, or that of
 *   several
 */
export function chooseClasses(
  all: readonly DistributedClass[],
  { classes }: DatasetSubset,
): readonly DistributedClass[] {
  if (classes === null) return all;
  const chosen = new Set<DistributedClass>();
  for (const [i, asked] of classes.entries()) {
    const word = nameKey(asked);
    const named = (names: readonly string[]) => names.some((name) => nameKey(name) === word);
    const exact = all.filter(({ id, name }) => named([id, name]));
    const found = exact.length > 0 ? exact : all.filter(({ synonyms }) => named(synonyms));
    const [one] = found;
    if (!one || found.length > 1) {
      const several = found.map(({ id, name }) => `${name} (${id})`).join(', ');
      const some = all.slice(0, 5).map(({ id, name }) => (id === name ? id : `${name} (${id})`));
      throw refuse(
        `subset.classes.${i}`,
        asked,
        several ? `one of ${several}` : `a class of the archive, such as ${some.join(', ')}`,
      );
    }
    chosen.add(one);
  }
  if (chosen.size < 2) throw refuse('subset.classes', classes, 'at least two different classes');
  return all.filter((candidate) => chosen.has(candidate));
}
