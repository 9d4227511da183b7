import { StudioError } from '../../shared/errors';
import { type StudyRecord } from '../../shared/ratings/study';
import { type Api } from '../../shared/routes';

/** A study by its id, or by a name that only it has. Throws `not-found` or `conflict`. */
export async function findStudy(api: Api, named: string): Promise<StudyRecord> {
  const studies = await api.call('studies.list', {});
  const byId = studies.find(({ id }) => id === named);
  if (byId) return byId;
  const byName = studies.filter(({ name }) => name === named);
  const found =
    byName.length > 0
      ? byName
      : studies.filter(({ name }) => name.toLowerCase() === named.toLowerCase());
  const [study] = found;
  if (study && found.length === 1) return study;
  if (found.length > 1) {
    const ids = found.map(({ id, name, version }) => `${id} (${name}, version ${version})`);
    throw new StudioError({
      code: 'conflict',
      message: `--study ${JSON.stringify(named)} names ${found.length} studies: give the id of one of them, ${ids.join(', ')}.`,
    });
  }
  const names = [...new Set(studies.map(({ name }) => name))];
  throw new StudioError({
    code: 'not-found',
    message: `There is no study ${JSON.stringify(named)}. ${
      names.length > 0 ? `There is: ${names.join(', ')}.` : 'There is none in this data directory.'
    }`,
  });
}
