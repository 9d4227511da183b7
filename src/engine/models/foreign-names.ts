/**
 * Names of tensors that another program has put something in front of: `module.` (DataParallel),
 * `_orig_mod.` (torch.compile), `model.` (Lightning and trainers), in any order and number, or whatever
 * attribute a trainer keeps its network under, such as `net.`.
 */

const wrapper = /^(?:(?:module|_orig_mod|model)\.)+/;

export interface PlainNames {
  /** From the network's name of a tensor to the file's. */
  readonly names: ReadonlyMap<string, string>;
  /** What was taken off, and from how many names; nothing where nothing was. */
  readonly prefixes: ReadonlyMap<string, number>;
}

interface Split {
  readonly prefix: string;
  readonly rest: string;
}

/** How names are split into what may stand in front of them and the network's own. */
type Splitter = (name: string) => Split;

/**
 * A splitter for the names of a file. An attribute's name is known by what it stands before: more than
 * half of the network's names.
 */
function splitterOf(names: Iterable<string>, wanted: ReadonlySet<string>): Splitter {
  const counts = new Map<string, number>();
  for (const name of names) {
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      if (!wanted.has(name.slice(dot + 1))) continue;
      const prefix = name.slice(0, dot + 1);
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
  }
  const attributes = [...counts]
    .filter(([, count]) => count > wanted.size / 2)
    .map(([prefix]) => prefix);
  return (name) => {
    const attribute = attributes.find(
      (prefix) => name.startsWith(prefix) && wanted.has(name.slice(prefix.length)),
    );
    const prefix = attribute ?? wrapper.exec(name)?.[0] ?? '';
    return { prefix, rest: name.slice(prefix.length) };
  };
}

/**
 * Every tensor by its plain name, for what a network's form is read off before its names are known;
 * of two under one plain name the one without a prefix.
 *
 * @param usual names of the network in its usual form
 */
export function byPlainName<T>(
  tensors: ReadonlyMap<string, T>,
  usual: ReadonlySet<string>,
): Map<string, T> {
  const split = splitterOf(tensors.keys(), usual);
  const plain = new Map(tensors);
  for (const [name, tensor] of tensors) {
    const { rest } = split(name);
    if (!plain.has(rest)) plain.set(rest, tensor);
  }
  return plain;
}

/**
 * Which tensor of a file is which of the network's. One prefix under which all that is needed
 * stands is taken, and where no prefix has all of it the names of several are one set unless two
 * meet: copies of the weights (averaged ones beside the trained) are never mixed.
 *
 * @param given the file's names
 * @param wanted all names of the network, and whether it cannot do without
 * @param ambiguous makes the refusal of a file with two whole copies, by their prefixes
 */
export function plainNames(
  given: Iterable<string>,
  wanted: ReadonlyMap<string, boolean>,
  ambiguous: (prefixes: readonly string[]) => Error,
): PlainNames {
  const groups = groupsOf(given, wanted);
  const whole = wholeOf(groups, wanted);
  const plain = whole.find(([prefix]) => prefix === '');
  if (!plain && whole.length > 1) throw ambiguous(whole.map(([prefix]) => prefix));
  const [prefix, group] = plain ?? whole[0] ?? [];
  if (prefix !== undefined && group) {
    return { names: group, prefixes: new Map(prefix === '' ? [] : [[prefix, group.size]]) };
  }
  return merged(groups);
}

type Groups = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Prefixes under which all that a network cannot do without stands; '' is none. */
export const wholePrefixes = (
  given: Iterable<string>,
  wanted: ReadonlyMap<string, boolean>,
): string[] => wholeOf(groupsOf(given, wanted), wanted).map(([prefix]) => prefix);

/** The network's names that stand under each prefix, with the file's. */
function groupsOf(given: Iterable<string>, wanted: ReadonlyMap<string, boolean>): Groups {
  const names = [...given];
  const split = splitterOf(names, new Set(wanted.keys()));
  const groups = new Map<string, Map<string, string>>();
  for (const name of names) {
    const { prefix, rest } = split(name);
    if (!wanted.has(rest)) continue;
    const group = groups.get(prefix) ?? new Map<string, string>();
    groups.set(prefix, group.set(rest, name));
  }
  return groups;
}

function wholeOf(groups: Groups, wanted: ReadonlyMap<string, boolean>) {
  const needed = [...wanted].filter(([, isNeeded]) => isNeeded).map(([name]) => name);
  return [...groups].filter(([, group]) => needed.every((name) => group.has(name)));
}

/** Names under several prefixes as one set; where two meet, the largest group alone. */
function merged(groups: Groups): PlainNames {
  const largestFirst = [...groups].sort(([, a], [, b]) => b.size - a.size);
  const rests = largestFirst.flatMap(([, group]) => [...group.keys()]);
  const taken = new Set(rests).size === rests.length ? largestFirst : largestFirst.slice(0, 1);
  return {
    names: new Map(taken.flatMap(([, group]) => [...group])),
    prefixes: new Map(
      taken.filter(([prefix]) => prefix !== '').map(([prefix, { size }]) => [prefix, size]),
    ),
  };
}
