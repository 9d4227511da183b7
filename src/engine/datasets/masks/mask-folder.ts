import { type FileTree, join } from '../file-tree';

/** Names that a folder of masks has beside the images. */
const named = /^(masks|annotations)$/i;

/**
 * The folders of masks within a folder: they hold no classes.
 *
 * @param classed whether classes are known otherwise, so that no folder of such a name is one
 */
export async function maskFoldersIn(
  tree: FileTree,
  folder: string,
  classed = false,
): Promise<string[]> {
  const names = [...((await tree.list(folder))?.folders ?? [])].filter((name) => named.test(name));
  const found: string[] = [];
  for (const name of names) {
    // A class may be called so too: it holds images itself, and masks lie as the images do.
    const { folders, files } = (await tree.list(join(folder, name))) ?? {};
    const annotated = [...(files ?? [])].some((file) => /\.(xml|json)$/i.test(file));
    if (classed || (folders?.size ?? 0) > 0 || annotated) found.push(name);
  }
  return found;
}
