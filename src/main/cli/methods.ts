import { parseComposition, formatComposition } from '../../shared/catalogue/compositions';
import { builtInMethods, paperMethods } from '../../shared/catalogue/methods';
import { refuse } from '../../shared/errors';
import { type Api } from '../../shared/routes';
import { list } from './options';

/** A method as named on the command line: by id, or by a composition not yet looked up. */
export type NamedMethod = { readonly id: string } | { readonly composition: string };

const accepted = `all, or a comma-separated list of ids (${builtInMethods.map(({ id }) => id).join(', ')}) or compositions such as integrate(smooth(guided))`;

/** `all` (the nine), ids, compositions; each once, in the order given. */
export function namedMethods(text: string): NamedMethod[] {
  const found = new Map<string, NamedMethod>();
  for (const part of list(text)) {
    if (part === 'all') for (const { id } of paperMethods) found.set(id, { id });
    else found.set(part, namedMethod(part));
  }
  if (found.size === 0) throw refuse('--methods', text, accepted);
  return [...found.values()];
}

function namedMethod(text: string): NamedMethod {
  // Composed methods have ids of their own, known to the data directory alone.
  if (/^[a-z][a-z0-9-]*$/.test(text) && (isBuiltIn(text) || text.startsWith('composed-'))) {
    return { id: text };
  }
  try {
    return { composition: formatComposition(parseComposition(text)) };
  } catch {
    throw refuse('--methods', text, accepted);
  }
}

const isBuiltIn = (id: string) => builtInMethods.some((method) => method.id === id);

/** Ids for all of them; a composition that has none yet is added to the data directory's methods. */
export async function methodIds(api: Api, named: readonly NamedMethod[]): Promise<string[]> {
  const known = await api.call('methods.list', {});
  const ids: string[] = [];
  for (const method of named) {
    if ('id' in method) {
      if (!known.some(({ id }) => id === method.id)) throw refuse('--methods', method.id, accepted);
      ids.push(method.id);
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
