import { formatComposition } from '../../shared/catalogue/compositions';
import {
  builtInMethods,
  isImportedMethod,
  type Method,
  paperMethods,
  shortMethodId,
} from '../../shared/catalogue/methods';
import { refuse } from '../../shared/errors';
import { someNames } from '../../shared/name-list';
import { type Api } from '../../shared/routes';
import { named } from './options';
import { type OperatorCatalogue } from '../../shared/catalogue/operator-catalogue';

/** A method as named on the command line: by id, or by a composition not yet looked up. */
export type NamedMethod = { readonly id: string } | { readonly composition: string };

const accepted = `all, or a comma-separated list of ids (${builtInMethods.map(({ id }) => id).join(', ')}) or compositions such as integrate(smooth(guided))`;

/** `all` (the nine), ids, compositions; each once, in the order given. */
export function namedMethods(operators: OperatorCatalogue, text: string): NamedMethod[] {
  const found = named(text, '--methods', (name) => methodsOf(operators, name), accepted).flat();
  return [...new Map(found.map((method) => [JSON.stringify(method), method])).values()];
}

function methodsOf(operators: OperatorCatalogue, name: string): NamedMethod[] | null {
  if (name === 'all') return paperMethods.map(({ id }) => ({ id }));
  // Composed and imported methods have ids of their own, known to the data directory alone.
  if (/^[a-z][a-z0-9-]*$/.test(name) && (isBuiltIn(name) || /^(composed|imported)-/.test(name))) {
    return [{ id: name }];
  }
  try {
    return [{ composition: formatComposition(operators.parse(name)) }];
  } catch {
    return null;
  }
}

const isBuiltIn = (id: string) => builtInMethods.some((method) => method.id === id);

/** Ids for all of them; a composition that has none yet is added to the data directory's methods. */
export async function methodIds(api: Api, wanted: readonly NamedMethod[]): Promise<string[]> {
  const known = await api.call('methods.list', {});
  const ids: string[] = [];
  for (const method of wanted) {
    if ('id' in method) {
      ids.push(methodId(known, method.id, '--methods', 'all, compositions, or ids'));
      continue;
    }
    const { composition } = method;
    const existing = known.find((candidate) => candidate.composition === composition);
    const { id } =
      existing ?? (await api.call('methods.compose', { composition, name: composition }));
    ids.push(id);
  }
  return [...new Set(ids)];
}

/**
 * The id of a method that is there. Maps that were made elsewhere are named by the beginning of their long
 * ones, too, where that is of one alone.
 */
export function methodId(
  known: readonly Pick<Method, 'id'>[],
  wanted: string,
  option: string,
  accepted = 'an id',
): string {
  const ids = known.map(({ id }) => id);
  if (ids.includes(wanted)) return wanted;
  const begin = /^imported-[0-9a-f]{4,}$/.test(wanted)
    ? ids.filter((id) => isImportedMethod(id) && id.startsWith(wanted))
    : [];
  const [one] = begin;
  if (begin.length === 1 && one !== undefined) return one;
  const there = begin.length > 1 ? begin : ids.map(shortMethodId);
  throw refuse(option, wanted, `${accepted}: ${someNames(there, 40)}`);
}
