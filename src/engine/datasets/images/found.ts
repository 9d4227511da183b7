import { type Split } from '../../../shared/catalogue/datasets';
import { hiddenIn } from '../../../shared/invisible';
import { plainText, without } from '../../../shared/identifying-text';
import { type RefusedImage } from '../../../shared/imported-images';
import { type FileTree, headOf } from '../file-tree';
import { acceptedFormats, isImage, isNamedAsImage, longestBeginning } from './format';
import { maxFileBytes } from './limits';

/** An image by its path in the tree and, of many in one file, its number there, with the name of its class and the split that it was given. */
export interface FoundImage {
  readonly file: string;
  readonly className: string;
  /** Null: none was given. */
  readonly split: Split | null;
  readonly index?: number;
  /** Where its mask lies in the tree, where a list says so. */
  readonly mask?: string | undefined;
}

/** What a source holds, before any image is decoded. */
export interface Found {
  readonly images: readonly FoundImage[];
  /** Classes in the order of their labels, where the source has one: its images keep theirs, too. */
  readonly classes?: readonly string[];
  /** Files that are certainly none. */
  readonly refused: readonly RefusedImage[];
  /** Sentences on what was passed over or read in a way of its own. */
  readonly notes: readonly string[];
}

const splits: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  test: 'validation',
};
export const splitWords = 'train, val, validation or test';

/** The split that a folder or a cell names, in any case; images to test on validate here. */
export function splitNamed(word: string): Split | null {
  const key = word.toLowerCase();
  return Object.hasOwn(splits, key) ? (splits[key] ?? null) : null;
}

const longestName = 200;

/** A class's name as it is kept, or why it cannot be one, as a clause. */
export function classNamed(text: string): { readonly name: string } | { readonly why: string } {
  const name = plainText(text);
  if (name === '') return { why: 'the name of its class is empty' };
  if (name.length > longestName) {
    return { why: `the name of its class is longer than ${longestName} characters` };
  }
  const hidden = hiddenIn(name);
  if (hidden.length === 0) return { name };
  return { why: `the name of its class, ${name}, has to be ${without(hidden)}` };
}

export const notAnImage = `it is not ${acceptedFormats}`;

/** Whether a file may be an image: by its name, and of another name by how it begins. */
export async function mayBeImage(tree: FileTree, file: string): Promise<boolean> {
  if (isNamedAsImage(file)) return true;
  const bytes = await tree.size(file);
  if (bytes === 0 || bytes > maxFileBytes) return false;
  return isImage(await headOf(tree, file, longestBeginning));
}
