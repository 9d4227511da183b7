/** What is known of a set of IDX files, which do not name their classes. */
export interface KnownClasses {
  /** What the set is called. */
  readonly name: string;
  /** What it is known by, as a clause: 'the names of the files'. */
  readonly by: string;
  /** By label. */
  readonly names: ReadonlyMap<number, string>;
  /** Its images are stored with rows and columns exchanged. */
  readonly transposed: boolean;
}

interface KnownSet {
  readonly name: string;
  /** In the order of their labels. */
  readonly classes: readonly string[];
  /** MD5 of its files of labels as they are published, gzipped. */
  readonly sums: readonly string[];
  /** In the name of a folder or archive. */
  readonly word: RegExp;
}

/** Those whose files bear MNIST's names, by their papers and torchvision's list of checksums. */
const sets: readonly KnownSet[] = [
  {
    name: 'Fashion-MNIST',
    classes: [
      ...['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker'],
      ...['Bag', 'Ankle boot'],
    ],
    sums: ['25c81989df183df01b3e8a0aad5dffbe', 'bb300cfdad3c16e7a12a480ee83cd310'],
    word: /fashion/i,
  },
  {
    name: 'KMNIST',
    classes: ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'],
    sums: ['e144d726b3acfaa3e44228e80efcd344', '7320c461ea6c1c855c0b718fb2a4b134'],
    word: /kmnist|kuzushiji/i,
  },
];

const digits = [...'0123456789'];
const capitals = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const letters = [...'abcdefghijklmnopqrstuvwxyz'];
/** Small letters that look like their capitals are one class with them. */
const merged = [...digits, ...capitals, ...'abdefghnqrt'];

/** EMNIST's sets: their classes, and the label of the first. */
const emnist: Readonly<Record<string, { classes: readonly string[]; first: number }>> = {
  balanced: { classes: merged, first: 0 },
  byclass: { classes: [...digits, ...capitals, ...letters], first: 0 },
  bymerge: { classes: merged, first: 0 },
  digits: { classes: digits, first: 0 },
  letters: { classes: letters, first: 1 },
  mnist: { classes: digits, first: 0 },
};

const byLabel = (classes: readonly string[], first: number) =>
  new Map(classes.map((name, i) => [first + i, name]));

/**
 * Which set IDX files are of, by what stands before their names, by published checksums of their labels,
 * or by the folder that they lie in.
 *
 * @param numbers labels that occur; a set known by checksum or folder that lacks one of them is another
 * @returns null where that is not known
 */
export function knownClasses(about: {
  readonly set: string;
  readonly sums: readonly string[];
  readonly place: string;
  readonly numbers: readonly number[];
}): KnownClasses | null {
  const found = candidate(about);
  if (!found || found.transposed) return found;
  return about.numbers.every((number) => found.names.has(number)) ? found : null;
}

function candidate({
  set,
  sums,
  place,
}: Pick<Parameters<typeof knownClasses>[0], 'set' | 'sums' | 'place'>): KnownClasses | null {
  const kind = /^emnist-(.+)$/.exec(set)?.[1] ?? '';
  const one = Object.hasOwn(emnist, kind) ? emnist[kind] : undefined;
  if (one) {
    const names = byLabel(one.classes, one.first);
    const name = `EMNIST (${kind})`;
    return { name, by: 'the names of the files', names, transposed: true };
  }
  const published = sets.find((each) => sums.some((sum) => each.sums.includes(sum)));
  const placed = published ?? sets.find(({ word }) => word.test(`${set}/${place}`));
  if (!placed) return null;
  const by = published ? 'the checksum of the labels' : 'the name of the folder';
  return { name: placed.name, by, names: byLabel(placed.classes, 0), transposed: false };
}
