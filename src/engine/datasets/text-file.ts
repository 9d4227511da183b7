import { decodeText } from '../../shared/text-encoding';
import { type FileTree } from './file-tree';
import { refusal } from './refusal';

/** The longest list of a distribution: words.txt of Tiny ImageNet names all of WordNet's nouns, 2.6 MB. */
const maxListBytes = 16 * 2 ** 20;

/**
 * The text of a list that is part of a dataset, in UTF-8 or UTF-16. Names of classes come from it,
 * so what is neither is refused by name, and no character is lost.
 *
 * @throws StudioError `corrupt-file`
 */
export async function readList(tree: FileTree, file: string): Promise<string> {
  const decoded = decodeText(await tree.read(file, maxListBytes));
  if ('text' in decoded) return decoded.text;
  const { reason } = decoded;
  throw refusal(file, `${reason}; accepted: text saved as UTF-8 or UTF-16`);
}
