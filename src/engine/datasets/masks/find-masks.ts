import path from 'node:path';
import { valueAt } from '../../../shared/checked-reads';
import { byCodePoint } from '../../../shared/code-points';
import { type RefusedImage } from '../../../shared/imported-images';
import { StudioError } from '../../../shared/errors';
import { breathe } from '../../runtime/cancel';
import { containerOf } from '../container';
import { type FileTree, join } from '../file-tree';
import { FolderTree } from '../folder-tree';
import { refusal, unusableFile, whyRefused } from '../refusal';
import { ToldTree, type TreeProgress } from '../told-tree';
import { seenIn, splitsIn } from '../images/class-folders';
import { contentOf } from '../images/content';
import { type DiskRoom } from '../images/decode';
import { isNamedAsImage } from '../images/format';
import { maxDepth, maxImages } from '../images/limits';
import { type PlannedImage } from '../images/plan';
import { type ImageSource, openTree } from '../images/source';
import { type BoxedImage, boxesMask } from './boxes';
import { type MaskForm, maskFormOf, type MaskPlace, maskWords } from './forms';
import { type Mask, type Size } from './mask';
import { maskFoldersIn } from './mask-folder';

/** The mask of an image, not read yet. */
export interface FoundMask {
  /** Where it lies, for refusals. */
  readonly file: string;
  /** Of a file of its own; 0 where it was read already. */
  bytes(): Promise<number>;
  /** @throws UnreadableImage saying what is wrong with it, as a clause */
  read(image: Size, room: DiskRoom): Promise<Mask>;
}

/** Masks by their images' paths. */
export interface FoundMasks {
  readonly of: ReadonlyMap<string, FoundMask>;
  /** Files that are the mask of no image, or in no form that is read. */
  readonly refused: readonly RefusedImage[];
  readonly notes: readonly string[];
  readonly close: () => Promise<void>;
}

export interface MasksRequest {
  readonly source: ImageSource;
  /** What holds the masks: a folder, an archive, or a list of boxes; null: what lies beside the images. */
  readonly given: string | null;
  readonly images: readonly PlannedImage[];
  readonly classes: readonly string[];
  /** A folder that is there, for what is unpacked. */
  readonly scratch: string;
  /** One in which what is unpacked of a tar stays, as a source has it. */
  readonly stays?: string | null | undefined;
  readonly signal: AbortSignal | undefined;
  readonly report?: ((progress: TreeProgress) => void) | undefined;
}

/** What can hold masks, for refusals. */
export const masksForms = `a folder, ZIP, tar or tar.gz of masks that lie as the images do, each one ${maskWords}, or such a JSON`;

/**
 * Find the masks of images: those that a list names; else those of what was given; else those in a folder
 * `masks` or `Annotations` beside them. A mask is called as its image and lies as it does; folders above may be
 * missing where that leaves no doubt. Nothing but lists of boxes is read.
 *
 * @throws StudioError `invalid-input` for what can hold no masks; `corrupt-file` naming the list of boxes that
 *   is refused, or what holds no mask of any image; `not-found`; `cancelled`
 */
export async function findMasks(request: MasksRequest): Promise<FoundMasks | null> {
  const { source, given, images } = request;
  const listed = images.some(({ mask }) => mask !== null);
  if (given === null) {
    if (listed) return fromList(request);
    const folder = await besideImages(source);
    if (folder === null) return null;
    return search(request, { tree: source.tree, named: false }, folder, noClose);
  }
  const name = path.basename(given);
  if (source.packed !== null) {
    throw unusableMasks(name, 'given for images that lie many to a file', 'masks of image files');
  }
  if (listed) {
    throw unusableMasks(name, 'given beside a list that names masks itself', 'one of them');
  }
  const opened = await openMasks(request, given);
  const { tree } = opened;
  const close = () => tree.close();
  try {
    // A folder that was packed or sent whole lies in one of its own.
    for (let folder = ''; ;) {
      const found = await search(request, opened, folder, close);
      if (found.of.size > 0) return found;
      const { files, folders } = await seenIn(tree, folder);
      const [only] = folders;
      if (files.length > 0 || folders.length !== 1 || only === undefined) break;
      folder = join(folder, only);
    }
    throw refusal(name, `it holds no mask of any image; accepted: ${masksForms}`);
  } catch (error) {
    await close();
    throw error;
  }
}

const noClose = () => Promise.resolve();

function unusableMasks(name: string, what: string, accepted: string) {
  return unusableFile(name, what, accepted, 'masks');
}

function fromList({ source: { tree }, images, classes }: MasksRequest): FoundMasks {
  const found = new Map<string, FoundMask>();
  for (const { file, label, mask } of images) {
    if (mask === null) continue;
    const form = maskFormOf(mask);
    if (form?.of !== 'image') {
      throw refusal(mask, `it is no mask that a list can name; accepted: ${maskWords}`);
    }
    found.set(file, new Taken(new OwnFile(tree, mask, form), valueAt(classes, label)));
  }
  return { of: found, refused: [], notes: [], close: noClose };
}

/** The folder of masks in the folder that images begin in, or beside that. */
async function besideImages({ tree, top, list, packed }: ImageSource): Promise<string | null> {
  if (packed !== null) return null;
  const { folders } = await seenIn(tree, top);
  const classed = list !== null || (await splitsIn(tree, top, folders)).length > 0;
  const above = top.slice(0, Math.max(0, top.lastIndexOf('/')));
  for (const place of new Set([top, above])) {
    const [name] = await maskFoldersIn(tree, place, classed);
    if (name !== undefined) return join(place, name);
  }
  return null;
}

/** What masks lie in. */
interface MaskTree {
  readonly tree: FileTree;
  /** Whether the person named the very file. */
  readonly named: boolean;
}

async function openMasks(
  { scratch, stays, signal, report }: MasksRequest,
  given: string,
): Promise<MaskTree> {
  const told = (tree: FileTree) => (report ? new ToldTree(tree, report) : tree);
  const container = await containerOf(given);
  const name = path.basename(given);
  if (container === null) {
    if (maskFormOf(name)?.of !== 'images') {
      throw unusableMasks(name, 'nothing that holds masks', masksForms);
    }
    return { tree: told(new OneFile(given)), named: true };
  }
  const unpacked = path.join(scratch, 'masks');
  const tree = await openTree(container, {
    path: given,
    coarse: false,
    scratch: unpacked,
    stays,
    signal,
    report: (done, total) => report?.({ done, total, unit: 'bytes' }),
  });
  return { tree: told(tree), named: false };
}

/** A folder of which one file counts. */
class OneFile extends FolderTree {
  readonly #name: string;

  constructor(file: string) {
    super(path.dirname(file));
    this.#name = path.basename(file);
  }

  override list(folder: string) {
    const files = new Set(folder === '' ? [this.#name] : []);
    return Promise.resolve({ files, folders: new Set<string>() });
  }
}

/** A mask by what it is called. Of a million of them each is small. */
interface Candidate {
  readonly file: string;
  /** Whether a list names it beside others, which may be of images that are not here. */
  readonly listed: boolean;
  bytes(): Promise<number>;
  read(image: Size, of: MaskPlace): Promise<Mask>;
}

/** In a file of its own. */
class OwnFile implements Candidate {
  readonly file: string;
  readonly #tree: FileTree;
  readonly #form: MaskForm & { readonly of: 'image' };

  constructor(tree: FileTree, file: string, form: MaskForm & { readonly of: 'image' }) {
    this.#tree = tree;
    this.file = file;
    this.#form = form;
  }

  get listed(): boolean {
    return false;
  }

  async bytes(): Promise<number> {
    return Math.min(this.#form.most, await this.#tree.size(this.file));
  }

  async read(image: Size, of: MaskPlace): Promise<Mask> {
    const bytes = await this.#tree.size(this.file);
    const content = await contentOf(this.#tree, this.file, bytes, this.#form.most);
    return this.#form.read(content, image, of);
  }
}

/** Boxes in a list that was read. */
class ListedBoxes implements Candidate {
  readonly #list: string;
  readonly #name: string;
  readonly #boxed: BoxedImage;

  constructor(list: string, name: string, boxed: BoxedImage) {
    this.#list = list;
    this.#name = name;
    this.#boxed = boxed;
  }

  get file(): string {
    return `${this.#list}: ${this.#name}`;
  }

  get listed(): boolean {
    return true;
  }

  bytes(): Promise<number> {
    return Promise.resolve(0);
  }

  read(image: Size, { className }: MaskPlace): Promise<Mask> {
    return Promise.resolve().then(() => boxesMask(this.#boxed, className, image));
  }
}

/** A mask of an image, which is of a class. */
class Taken implements FoundMask {
  readonly #candidate: Candidate;
  readonly #className: string;

  constructor(candidate: Candidate, className: string) {
    this.#candidate = candidate;
    this.#className = className;
  }

  get file(): string {
    return this.#candidate.file;
  }

  bytes(): Promise<number> {
    return this.#candidate.bytes();
  }

  read(image: Size, room: DiskRoom): Promise<Mask> {
    return this.#candidate.read(image, { className: this.#className, room });
  }
}

async function search(
  request: MasksRequest,
  { tree, named }: MaskTree,
  folder: string,
  close: () => Promise<void>,
): Promise<FoundMasks> {
  const { images, classes, signal } = request;
  const walk = new Walk(tree, signal, named);
  await walk.below(folder, '', 0);
  const { candidates } = walk;
  const { chosen, doubtful } = match(images, candidates);
  const found = new Map<string, FoundMask>();
  const used = new Set<Candidate>();
  for (const { file, label } of images) {
    const candidate = chosen.get(file);
    if (!candidate) continue;
    used.add(candidate);
    found.set(file, new Taken(candidate, valueAt(classes, label)));
  }
  const left = [...candidates.values()].filter((candidate) => !used.has(candidate));
  const foreign = left.filter(({ listed }) => listed).length;
  return {
    of: found,
    refused: [
      ...walk.refused,
      ...left.flatMap(({ file, listed }) =>
        listed || doubtful.has(file) ? [] : [{ path: file, reason: 'it is the mask of no image' }],
      ),
      ...[...doubtful].map(([file, of]) => ({
        path: file,
        reason: `it could be the mask of ${of.join(' and of ')}`,
      })),
    ],
    notes:
      foreign > 0
        ? [`Boxes of ${foreign.toLocaleString('en')} images that are not here were passed over.`]
        : [],
    close,
  };
}

/** Without its ending, and composed. */
const keyOf = (file: string): string => file.replace(/\.[^./]+$/, '').normalize();

/** Of each image the mask that is called as it is: by the longest part of its path that one has. */
function match(
  images: readonly PlannedImage[],
  candidates: ReadonlyMap<string, Candidate>,
): {
  readonly chosen: ReadonlyMap<string, Candidate>;
  /** Two of the images that each of these could be the mask of. */
  readonly doubtful: ReadonlyMap<string, readonly string[]>;
} {
  const takers = new Map<string, { file: string; whole: boolean }[]>();
  for (const { file } of images) {
    const steps = keyOf(file).split('/');
    for (let from = 0; from < steps.length; from += 1) {
      const key = steps.slice(from).join('/');
      if (!candidates.has(key)) continue;
      const others = takers.get(key);
      const taker = { file, whole: from === 0 };
      if (others) others.push(taker);
      else takers.set(key, [taker]);
      break;
    }
  }
  const chosen = new Map<string, Candidate>();
  const doubtful = new Map<string, readonly string[]>();
  for (const [key, all] of takers) {
    const candidate = candidates.get(key);
    // One of several that end alike: the one whose whole path it is, or none.
    const [taker, another] = all.length === 1 ? all : all.filter(({ whole }) => whole);
    if (!candidate) continue;
    if (taker && !another) chosen.set(taker.file, candidate);
    else
      doubtful.set(
        candidate.file,
        all
          .map(({ file }) => file)
          .sort(byCodePoint)
          .slice(0, 2),
      );
  }
  return { chosen, doubtful };
}

type Boxes = ReadonlyMap<string, BoxedImage>;

class Walk {
  readonly candidates = new Map<string, Candidate>();
  readonly refused: RefusedImage[] = [];
  readonly #tree: FileTree;
  readonly #signal: AbortSignal | undefined;
  /** Whether the person named the very file. */
  readonly #named: boolean;
  #seen = 0;

  constructor(tree: FileTree, signal: AbortSignal | undefined, named: boolean) {
    this.#tree = tree;
    this.#named = named;
    this.#signal = signal;
  }

  /** @param within the folder, from where masks begin on */
  async below(folder: string, within: string, depth: number): Promise<void> {
    if (depth > maxDepth) throw refusal(folder, `it lies more than ${maxDepth} folders deep`);
    const { files, folders } = await seenIn(this.#tree, folder);
    for (const name of files.sort(byForm)) {
      this.#seen += 1;
      if (this.#seen % 500 === 0) await breathe(this.#signal);
      await this.#take(join(folder, name), join(within, name));
    }
    for (const name of folders) await this.below(join(folder, name), join(within, name), depth + 1);
  }

  async #take(file: string, within: string): Promise<void> {
    const form = maskFormOf(file);
    if (!form) {
      if (isNamedAsImage(file)) this.#refuse(file, `it is no mask; accepted: ${maskWords}`);
      return;
    }
    if (this.candidates.size >= 2 * maxImages) {
      throw refusal(file, `with it there are over ${(2 * maxImages).toLocaleString('en')} masks`);
    }
    const tree = this.#tree;
    if (form.of === 'image') {
      this.#offer(within, new OwnFile(tree, file, form));
      return;
    }
    const boxes = await this.#boxesOf(form, file);
    for (const [name, boxed] of boxes) {
      this.#offer(name, new ListedBoxes(file, name, boxed));
    }
  }

  /** Other lists may lie beside one of boxes: they are left out, unless it is that which was named. */
  async #boxesOf(form: MaskForm & { readonly of: 'images' }, file: string): Promise<Boxes> {
    try {
      return await form.read(file, this.#tree.pieces(file, form.most), this.#signal);
    } catch (error) {
      const refused = error instanceof StudioError && error.data.code === 'corrupt-file';
      if (this.#named || !refused) throw error;
      this.#refuse(file, whyRefused(error, file));
      return new Map();
    }
  }

  #offer(within: string, candidate: Candidate): void {
    const key = keyOf(within);
    const other = this.candidates.get(key);
    if (other) this.#refuse(candidate.file, `${other.file} is a mask of the same image`);
    else this.candidates.set(key, candidate);
  }

  #refuse(file: string, reason: string): void {
    this.refused.push({ path: file, reason });
  }
}

/** Forms in their order, so that the first of two of an image counts. */
function byForm(a: string, b: string): number {
  const rank = (file: string) => maskWords.indexOf(maskFormOf(file)?.words ?? maskWords);
  return rank(a) - rank(b) || byCodePoint(a, b);
}
