import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type DatasetManifest } from '../../../shared/dataset-archive';
import { type Container, containerOf } from '../container';
import { type FileTree, join, tooLarge } from '../file-tree';
import { FolderTree } from '../folder-tree';
import { refusal, refusing, unusableFile } from '../refusal';
import { ZipTree } from '../zip-tree';
import { maskFoldersIn } from '../masks/mask-folder';
import { seenIn, splitsIn } from './class-folders';
import { isNamedAsImage } from './format';
import { labelList, type LabelList, listForm } from './labels';
import { exportIn } from './exported';
import { maxEntries, maxListBytes } from './limits';
import { type PackedForm, type PackedImages } from './packed';
import { packedForms } from './packed-forms';
import { UnpackedTree } from './unpacked-tree';

/** Where images of one's own come from. */
export interface ImageSource {
  readonly tree: FileTree;
  /** The folder of the tree that they lie in. */
  readonly top: string;
  /** Their classes; null: their folders say them. */
  readonly list: LabelList | null;
  /** Images that lie many to a file, where they do. */
  readonly packed: PackedImages | null;
  /** What an export of Saliency Studio says of itself; null: it is none. */
  readonly manifest: DatasetManifest | null;
  /** What it is, as a store says it. */
  readonly kind: 'archive' | 'folder';
  readonly name: string;
}

export interface SourceRequest {
  /** A folder, a zip, a tar, a gzipped tar or a list. */
  readonly path: string;
  /** A list of its own, whose paths count from the folder or archive; null: none was given. */
  readonly labels: string | null;
  /** Whether coarse classes are meant where there are others beside them. */
  readonly coarse: boolean;
  /** A folder that may be made, and is deleted by whoever asks. */
  readonly scratch: string;
  /** One in which what is unpacked of a tar stays for another look; null or left out: there is none. */
  readonly stays?: string | null | undefined;
  readonly signal: AbortSignal | undefined;
  /** Bytes of an archive unpacked, of how many. */
  readonly report: (done: number, total: number) => void;
}

/** What can be imported, for refusals. */
export const imageForms = `a folder with CLASS/images or train/CLASS/images and validation/CLASS/images, ${listForm}, ${packedForms.map(({ words }) => words).join(', ')}, or a ZIP, tar or tar.gz of these`;

/** Folders below the one given: archives are packed again within folders of their own. */
const deepest = 3;

/**
 * Open what holds images, and find where they begin in it.
 *
 * @throws StudioError `invalid-input` for what is none of the forms, `corrupt-file` naming what is
 *   refused of it, `not-found`; `cancelled`
 */
export async function openSource(request: SourceRequest): Promise<ImageSource> {
  const { path: file, labels, coarse, scratch } = request;
  await mkdir(scratch, { recursive: true });
  const container = await containerOf(file);
  const name = path.basename(file);
  // One file of several beside each other, named by the person.
  const only = container === 'folder' ? undefined : formOf([name]);
  const requireCoarse = (form?: PackedForm) => {
    if (!coarse || form?.hasCoarse === true) return;
    throw unusableFile(name, 'nothing that has coarse classes', 'CIFAR-100’s binary version');
  };
  if (labels !== null || (container === null && !only)) requireCoarse();
  if (container === null && !only) return openList(file, labels);
  const tree = only ? new FolderTree(path.dirname(file)) : await openTree(container, request);
  try {
    const kind = container === 'folder' || only ? 'folder' : 'archive';
    const about = { tree, kind, name, list: null, packed: null, manifest: null } as const;
    if (labels !== null) return { ...about, top: '', list: await readListFile(labels) };
    const found = only ? { top: '', list: null, manifest: null, form: only } : await findTop(tree);
    const { form, ...rest } = found;
    requireCoarse(form);
    if (!form) return { ...about, ...rest };
    return {
      ...about,
      ...rest,
      packed: await form.open({ ...request, tree, folder: rest.top, only: only ? name : null }),
    };
  } catch (error) {
    await tree.close();
    throw error;
  }
}

/** The files that images are among, as `openSource` has them, without a look at what they are. */
export async function openFiles(request: Omit<SourceRequest, 'labels'>): Promise<FileTree> {
  const container = await containerOf(request.path);
  if (container === null) return new FolderTree(path.dirname(request.path));
  return openTree(container, request);
}

/** A list, whose paths count from the folder that it lies in. */
async function openList(file: string, labels: string | null): Promise<ImageSource> {
  const name = path.basename(file);
  if (!isNamedAsList(name) || !(await stat(file)).isFile()) {
    throw unusableFile(name, 'no folder, list or archive', imageForms);
  }
  const list = await readListFile(file);
  if (labels !== null) {
    throw unusableFile(name, 'a list of labels, and another was given with it', 'one of them');
  }
  const tree = new FolderTree(path.dirname(file));
  return { tree, top: '', list, packed: null, manifest: null, kind: 'folder', name };
}

const isNamedAsList = (name: string): boolean => /\.(csv|tsv|txt)$/i.test(name);

const formOf = (files: Iterable<string>): PackedForm | undefined => {
  const names = [...files];
  return packedForms.find((form) => form.isIn(names));
};

/** What is opened as a tree: a folder as it is, an archive's entries as if they lay in one. */
export async function openTree(
  container: Container | null,
  request: Omit<SourceRequest, 'labels'>,
): Promise<FileTree> {
  const { path: file, scratch, stays = null, signal, report } = request;
  if (container === 'folder') return new FolderTree(file);
  if (container === 'zip') {
    return ZipTree.open(file, signal, { entries: maxEntries, bytes: Number.MAX_SAFE_INTEGER });
  }
  const gzipped = container === 'gzip';
  const place = { scratch: stays ?? scratch, stays: stays !== null };
  return UnpackedTree.unpack({ file, gzipped, ...place, signal, report });
}

async function readListFile(file: string): Promise<LabelList> {
  const name = path.basename(file);
  const bytes = await refusing(name, 'it cannot be read', async () => {
    if ((await stat(file)).size > maxListBytes) throw tooLarge(name, maxListBytes);
    return readFile(file);
  });
  const list = labelList(name, bytes);
  if (list === null) {
    throw unusableFile(name, 'a file whose first line does not name these columns', listForm);
  }
  return list;
}

/** Where images begin, and how they lie there. */
interface Top extends Pick<ImageSource, 'top' | 'list' | 'manifest'> {
  /** Of many to a file. */
  readonly form?: PackedForm | undefined;
}

/**
 * The folder that images begin in, with the list that lies there: the first from the top down that has
 * the manifest of an export, splits, files of many images, a list, images, or several folders.
 */
async function findTop(tree: FileTree): Promise<Top> {
  let top = '';
  for (let depth = 0; ; depth += 1) {
    const { files, folders: all } = await seenIn(tree, top);
    const exported = await exportIn(tree, top, files);
    if (exported) return { top, ...exported };
    const manifest = null;
    const masks = await maskFoldersIn(tree, top);
    const folders = all.filter((name) => !masks.includes(name));
    if ((await splitsIn(tree, top, folders)).length > 0) return { top, list: null, manifest };
    const form = formOf(files);
    if (form) return { top, list: null, manifest, form };
    const lists = await listsIn(tree, top, files);
    if (lists.length > 1) {
      const names = lists.map(({ name }) => name).join(' and ');
      throw refusal(
        top || tree.label,
        `it holds several lists of labels, ${names}; name one of them`,
      );
    }
    const [list] = lists;
    if (list) return { top, list, manifest };
    const [only] = folders;
    const ends = folders.length !== 1 || files.some(isNamedAsImage) || depth === deepest;
    if (ends || only === undefined) return { top, list: null, manifest };
    top = join(top, only);
  }
}

async function listsIn(
  tree: FileTree,
  folder: string,
  files: readonly string[],
): Promise<LabelList[]> {
  const lists: LabelList[] = [];
  for (const name of files.filter((file) => /\.(csv|tsv)$/i.test(file))) {
    const file = join(folder, name);
    const list = labelList(file, await tree.read(file, maxListBytes));
    if (list) lists.push(list);
  }
  return lists;
}
