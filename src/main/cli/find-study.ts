import { StudioError } from '../../shared/errors';
import { NameIndex, toldApart } from '../../shared/identifying-text';
import { someNames } from '../../shared/name-list';
import { type StudyRecord } from '../../shared/ratings/study';
import { type Api } from '../../shared/routes';

/** A study by its id, or by a name that only it has, as it is stored, in plain text or by its look. Throws `not-found` or `conflict`. */
export async function findStudy(api: Api, named: string): Promise<StudyRecord> {
  const studies = await api.call('studies.list', {});
  const found = foundBy(named, studies, ({ name }) => name);
  const [study] = found;
  if (study && found.length === 1) return study;
  if (found.length > 1) {
    const alike = new Set(found.map(({ name }) => name)).size > 1;
    const ids = found.map(
      ({ id, name, version }) => `${id} (${alike ? toldApart([name]) : name}, version ${version})`,
    );
    throw new StudioError({
      code: 'conflict',
      message: `--study ${JSON.stringify(named)} names ${found.length} studies: give the id of one of them, ${ids.join(', ')}.`,
    });
  }
  const all = [...new Set(studies.map(({ name }) => name))];
  throw new StudioError({
    code: 'not-found',
    message: `There is no study ${JSON.stringify(named)}. ${
      all.length > 0 ? `There is: ${someNames(all)}.` : 'There is none in this data directory.'
    }`,
  });
}

/** The one of an id, else those of a name: as it is stored, in plain text or by its look. */
export function foundBy<T extends { readonly id: string }>(
  named: string,
  all: readonly T[],
  nameOf: (one: T) => string,
): T[] {
  const byId = all.find(({ id }) => id === named);
  if (byId) return [byId];
  const names = new NameIndex(all.map(nameOf)).find(named);
  return all.filter((one) => names.includes(nameOf(one)));
}
