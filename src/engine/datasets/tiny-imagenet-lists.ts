import path from 'node:path';
import { valueAt } from '../../shared/checked-reads';
import { lookOf, plainText } from '../../shared/identifying-text';
import { hiddenIn } from '../../shared/invisible';
import { maxStoredClasses } from '../../shared/stored-dataset';
import { splitLines } from '../../shared/text-encoding';
import type { DistributedClass } from './class-choice';
import { classImages, isJpeg, type ListedImage, listClassFolders } from './class-folders';
import { type FileTree, isPlainName, join } from './file-tree';
import { refusal } from './refusal';
import { readList } from './text-file';

const validationFolder = 'val';
const annotations = 'val_annotations.txt';

/** Classes by wnids.txt, their names by words.txt (first synonym). */
export async function readClasses(tree: FileTree): Promise<DistributedClass[]> {
  const ids = (await lines(tree, 'wnids.txt')).map(plainText);
  if (ids.length < 2) throw refusal('wnids.txt', `it lists ${ids.length} classes`);
  if (ids.length > maxStoredClasses) {
    throw refusal('wnids.txt', `it lists ${ids.length} classes, more than ${maxStoredClasses}`);
  }
  const known = new Set<string>();
  for (const id of ids) {
    if (!/^[\w-]{1,64}$/.test(id)) {
      throw refusal('wnids.txt', `${JSON.stringify(id)} is no WordNet id`);
    }
    if (known.has(id)) throw refusal('wnids.txt', `it lists ${id} twice`);
    known.add(id);
  }
  const words = new Map<string, string[]>();
  for (const line of await lines(tree, 'words.txt')) {
    const [id = '', text = ''] = line.split('\t');
    const synonyms = text.split(',').map(plainText).filter(Boolean);
    if (known.has(plainText(id)) && synonyms.length > 0) words.set(plainText(id), synonyms);
  }
  const firsts = ids.map((id) => {
    const [first] = words.get(id) ?? [];
    if (first === undefined) throw refusal('words.txt', `it does not name ${id}`);
    const hidden = hiddenIn(first);
    if (hidden.length > 0) {
      throw refusal('words.txt', `the name of ${id}, ${first}, holds invisible characters`);
    }
    return first;
  });
  return ids.map((id, label) => {
    const first = firsts[label] ?? id;
    const shared = firsts.filter((name) => lookOf(name) === lookOf(first)).length > 1;
    return { id, name: shared ? `${first} (${id})` : first, synonyms: words.get(id) ?? [] };
  });
}

/**
 * Training images, class by class as in `classes`, each class as its boxes list has them; where the
 * images lie in the class's folder itself without a list, by their names.
 *
 * @param all every class of the archive; `classes` are those wanted
 * @throws StudioError `corrupt-file` naming the list, or the file that is missing or not listed
 */
export async function listTraining(
  tree: FileTree,
  all: readonly DistributedClass[],
  classes: readonly DistributedClass[],
): Promise<ListedImage[][]> {
  const folders = (await tree.list('train'))?.folders ?? new Set<string>();
  for (const { id } of all) {
    if (!folders.has(id)) {
      throw refusal(`train/${id}`, 'wnids.txt lists the class, and its folder is missing');
    }
  }
  const stray = [...folders].find((folder) => !all.some(({ id }) => id === folder));
  if (stray !== undefined) {
    throw refusal(`train/${stray}`, 'wnids.txt does not list the class');
  }
  const result: ListedImage[][] = [];
  for (const [label, { id }] of classes.entries()) {
    const place = `train/${id}`;
    const list = `${place}/${id}_boxes.txt`;
    const found = await tree.list(place);
    const rearranged = found !== null && !found.folders.has('images');
    if (rearranged && !found.files.has(path.posix.basename(list))) {
      const files = await classImages(tree, place);
      result.push(files.map((file) => ({ file, label })));
      continue;
    }
    const names = (await lines(tree, list)).map((line) => valueAt(fields(list, line, 1), 0));
    const folder = rearranged ? place : `${place}/images`;
    const files = await compare(tree, folder, names, list);
    result.push(files.map((file) => ({ file, label })));
  }
  return result;
}

/**
 * Validation images of the wanted classes in the order of val_annotations.txt, or, where they were
 * moved into a folder for each class, in the order of their names, which is the same.
 */
export async function listValidation(
  tree: FileTree,
  all: readonly DistributedClass[],
  classes: readonly DistributedClass[],
): Promise<ListedImage[]> {
  const list = `${validationFolder}/${annotations}`;
  const found = await tree.list(validationFolder);
  if (found && all.some(({ id }) => found.folders.has(id))) {
    const own = (await tree.list(`${validationFolder}/images`))?.files ?? new Set<string>();
    if (!found.files.has(annotations) || ![...own].some(isJpeg)) {
      const stated = found.files.has(annotations) ? await annotated(tree, list) : null;
      return listClassFolders(tree, validationFolder, { all, classes, stated });
    }
  }
  const known = new Set(all.map(({ id }) => id));
  const labels = new Map(classes.map(({ id }, label) => [id, label]));
  const stated = await annotated(tree, list);
  for (const [name, id] of stated) {
    if (!known.has(id)) {
      throw refusal(list, `it gives ${name} the class ${id}, which wnids.txt does not list`);
    }
  }
  const names = stated.map(([name]) => name);
  const files = await compare(tree, `${validationFolder}/images`, names, list);
  return files.flatMap((file, i) => {
    const label = labels.get(stated[i]?.[1] ?? '');
    return label === undefined ? [] : [{ file, label }];
  });
}

/** The list's images with the class of each. */
async function annotated(tree: FileTree, list: string): Promise<(readonly [string, string])[]> {
  return (await lines(tree, list)).map((line) => {
    const [name = '', id = ''] = fields(list, line, 2);
    return [name, id] as const;
  });
}

/** A folder's images against a list: every one in both, once. Their paths in the list's order. */
async function compare(
  tree: FileTree,
  folder: string,
  names: readonly string[],
  list: string,
): Promise<string[]> {
  if (names.length === 0) throw refusal(list, 'it lists no image');
  const present = (await tree.list(folder))?.files;
  if (!present) throw refusal(folder, 'the folder is missing');
  // macOS writes names decomposed; a list has them as they were typed.
  const composed = new Map([...present].map((name) => [name.normalize(), name]));
  const nameOf = (name: string) => (present.has(name) ? name : composed.get(name.normalize()));
  const listed = new Set<string>();
  const files: string[] = [];
  for (const name of names) {
    if (!isPlainName(name)) throw refusal(list, `${JSON.stringify(name)} is no file name`);
    const own = nameOf(name);
    if (own === undefined) throw refusal(join(folder, name), `it is missing; ${list} lists it`);
    if (listed.has(own)) throw refusal(list, `it lists ${name} twice`);
    listed.add(own);
    files.push(join(folder, own));
  }
  for (const name of present) {
    if (isJpeg(name) && !listed.has(name)) {
      throw refusal(join(folder, name), `${list} does not list it`);
    }
  }
  return files;
}

/** The first so many fields between tabs. */
function fields(list: string, line: string, count: number): string[] {
  const found = line.split('\t').map((field) => field.trim());
  if (found.length < count || found.slice(0, count).some((field) => field === '')) {
    throw refusal(list, `${JSON.stringify(line.slice(0, 80))} is no line of such a list`);
  }
  return found;
}

async function lines(tree: FileTree, file: string): Promise<string[]> {
  return splitLines(await readList(tree, file)).filter((line) => line.trim() !== '');
}
