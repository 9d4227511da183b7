/**
 * Files that say what classes there are: a text with one name a line, JSON (a list of names, or names by
 * their index as imagenet_class_index.json has them), or a CSV. And files that say which class is which.
 */
import { refuse } from './errors';
import { hiddenIn } from './invisible';
import { plainText } from './identifying-text';
import type { NamedOutput } from './model-classes';

export const classFileForm =
  'a text with one name a line, a JSON list of names or {"0": name, …}, or a CSV with a column name and, if wanted, index';
export const mappingFileForm =
  'a CSV with the columns dataset and network, or JSON {"class of the dataset": "class of the network", …}; a class of the network by its name or its number from 0';

const most = 10_000;

/**
 * The names of a network's outputs, in order.
 *
 * @param field what a refusal names, such as '--classes'
 * @throws StudioError `invalid-input` that says which line or entry is wrong
 */
export function readClassList(text: string, file: string, field: string): NamedOutput[] {
  const bad = (why: string) => refuse(field, file, `${classFileForm}; ${why}`);
  const content = text.replace(/^\uFEFF/, '');
  const found = /^\s*[[{]/.test(content)
    ? fromJson(content, bad)
    : (fromCsv(content, bad) ?? fromLines(content, bad));
  if (found.length === 0) throw bad('this one has no name');
  if (found.length > most) throw bad(`this one has more than ${most} names`);
  return found.map(({ name, alias }, index) => {
    const plain = plainText(name);
    if (plain === '') throw bad(`class ${index} has no name`);
    if (plain.length > 200) throw bad(`the name of class ${index} is longer than 200 characters`);
    if (hiddenIn(plain).length > 0) {
      throw bad(`the name of class ${index} has invisible characters`);
    }
    return { name: plain, alias: alias === null ? null : plainText(alias) };
  });
}

/**
 * Pairs of a dataset's class and a network's, as a person wrote them.
 *
 * @throws StudioError `invalid-input` that says which line or entry is wrong
 */
export function readMapping(text: string, file: string, field: string): [string, string][] {
  const bad = (why: string) => refuse(field, file, `${mappingFileForm}; ${why}`);
  const content = text.replace(/^\uFEFF/, '');
  if (/^\s*\{/.test(content)) {
    const value = parsed(content, bad);
    return Object.entries(objectOf(value, bad)).map(([dataset, network]) => {
      if (typeof network !== 'string' && typeof network !== 'number') {
        throw bad(`${dataset} is given no name and no number`);
      }
      return [plainText(dataset), plainText(String(network))];
    });
  }
  const [head, ...rows] = tableOf(content, bad);
  const columns = ['dataset', 'network'].map((name) => head?.indexOf(name) ?? -1);
  if (columns.includes(-1)) throw bad('this one has no such columns');
  return rows.map((row, i) => {
    const [dataset = '', network = ''] = columns.map((column) => plainText(row[column] ?? ''));
    if (dataset === '' || network === '') throw bad(`line ${i + 2} lacks one of them`);
    return [dataset, network];
  });
}

/**
 * What a mapping says of every class of a dataset.
 *
 * @returns of each of the dataset's classes the output that is of it
 * @throws StudioError `invalid-input` naming a class that is not there, is there twice or is left out
 */
export function mappedOutputs(
  pairs: readonly (readonly [string, string])[],
  dataset: readonly string[],
  outputs: readonly NamedOutput[] | null,
  count: number,
  field: string,
): number[] {
  const found = new Map<string, number>();
  for (const [name, output] of pairs) {
    if (!dataset.includes(name))
      throw refuse(field, name, `classes of the dataset: ${few(dataset)}`);
    if (found.has(name)) throw refuse(field, name, 'each class of the dataset once');
    const places = (outputs ?? []).flatMap((one, place) =>
      one.name === output || one.alias === output ? [place] : [],
    );
    const number = /^\d{1,6}$/.test(output) ? Number(output) : -1;
    const place = places.length === 1 ? places[0] : number < count && number >= 0 ? number : null;
    if (place == null) {
      const several = places.length > 1 ? ` (${places.length} have this name)` : '';
      const names = outputs ? `${few(outputs.map((one) => one.name))}, or ` : '';
      throw refuse(field, output, `${names}a number from 0 to ${count - 1}${several}`);
    }
    found.set(name, place);
  }
  const left = dataset.filter((name) => !found.has(name));
  if (left.length > 0) {
    throw refuse(field, `nothing for ${few(left)}`, 'an output for every class of the dataset');
  }
  return dataset.map((name) => found.get(name) ?? 0);
}

export function few(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

type Bad = (why: string) => Error;

function parsed(text: string, bad: Bad): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad('this one is no sound JSON');
  }
}

function objectOf(value: unknown, bad: Bad): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value));
  }
  throw bad('this one is of another form');
}

function fromJson(text: string, bad: Bad): NamedOutput[] {
  const value = parsed(text, bad);
  if (Array.isArray(value)) return value.map((entry, index) => entryOf(entry, index, bad));
  const entries = Object.entries(objectOf(value, bad));
  // {"0": name} as most have it; {name: 0} as torchvision's class_to_idx.
  const turned = entries.every(([, entry]) => typeof entry === 'number');
  const byIndex = new Map<number, NamedOutput>();
  for (const [key, entry] of entries) {
    const [index, name] = turned ? [Number(entry), key] : [Number(key), entry];
    if (!Number.isInteger(index) || index < 0) throw bad(`${key} is no index`);
    if (byIndex.has(index)) throw bad(`the index ${index} stands twice`);
    byIndex.set(index, entryOf(name, index, bad));
  }
  return inOrder(byIndex, bad);
}

/** A name, or several of which the last is the one to read: ["n01440764", "tench"]. */
function entryOf(entry: unknown, index: number, bad: Bad): NamedOutput {
  if (typeof entry === 'string') return { name: entry, alias: null };
  if (Array.isArray(entry)) {
    const [first, last = null] = entry.filter((part) => typeof part === 'string');
    if (first !== undefined && entry.length <= 2) {
      return last === null ? { name: first, alias: null } : { name: last, alias: first };
    }
  }
  throw bad(`class ${index} is no name`);
}

function inOrder(byIndex: ReadonlyMap<number, NamedOutput>, bad: Bad): NamedOutput[] {
  return Array.from({ length: byIndex.size }, (_, index) => {
    const found = byIndex.get(index);
    if (!found) throw bad(`the index ${index} is missing`);
    return found;
  });
}

/** Null where the first line names no columns that are known: one name a line then. */
function fromCsv(text: string, bad: Bad): NamedOutput[] | null {
  const first = text.split('\n', 1)[0] ?? '';
  const head = splitLine(first, bad).map((cell) => cell.trim().toLowerCase());
  const name = head.findIndex((cell) => ['name', 'class', 'label'].includes(cell));
  const index = head.indexOf('index');
  if (name < 0 || (head.length === 1 && head[0] !== 'name')) return null;
  const rows = tableOf(text, bad).slice(1);
  const aliases = head.findIndex((cell) => ['id', 'wnid', 'synset'].includes(cell));
  const entryIn = (row: readonly string[]): NamedOutput => ({
    name: row[name] ?? '',
    alias: aliases < 0 ? null : (row[aliases] ?? null),
  });
  if (index < 0) return rows.map(entryIn);
  const byIndex = new Map<number, NamedOutput>();
  for (const [i, row] of rows.entries()) {
    const at = row[index]?.trim() ?? '';
    if (!/^\d+$/.test(at)) throw bad(`line ${i + 2} has no index`);
    if (byIndex.has(Number(at))) throw bad(`the index ${at} stands twice`);
    byIndex.set(Number(at), entryIn(row));
  }
  return inOrder(byIndex, bad);
}

function fromLines(text: string, bad: Bad): NamedOutput[] {
  const lines = text.split(/\r\n|\n|\r/);
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  return lines.map((line, i) => {
    if (line.trim() === '') throw bad(`line ${i + 1} is empty`);
    return { name: line, alias: null };
  });
}

function tableOf(text: string, bad: Bad): string[][] {
  return text
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .map((line, i) =>
      splitLine(line, bad).map((cell) => (i === 0 ? cell.trim().toLowerCase() : cell)),
    );
}

/** Cells between commas; those in quotes may hold commas, and quotes doubled. */
function splitLine(line: string, bad: Bad): string[] {
  const cells: string[] = [];
  let rest = line.replace(/\r$/, '');
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(,|$)/.exec(rest);
    const plain = quoted ?? /^([^,]*)(,|$)/.exec(rest);
    if (!plain) throw bad('a quote is out of place');
    const [whole, cell = '', end] = plain;
    cells.push(quoted ? cell.replaceAll('""', '"') : cell);
    rest = rest.slice(whole.length);
    if (end === '') return cells;
  }
}
