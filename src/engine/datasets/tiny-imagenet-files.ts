import type { FileTree } from './file-tree';
import { openTop, type TopRequest } from './top-folder';

export const tinyImagenetForms = 'tiny-imagenet-200.zip or its folder tiny-imagenet-200';

/** The list that makes a folder the top of the distribution. */
const mark = 'wnids.txt';

/**
 * Open an archive or folder at the distribution's top, a few folders deep at most.
 *
 * @throws StudioError `invalid-input` where there is no wnids.txt
 */
export function openTinyImagenet(
  source: Pick<TopRequest, 'container' | 'file' | 'signal'>,
): Promise<FileTree> {
  return openTop({
    ...source,
    isTop: ({ files }) => files.has(mark),
    otherwise: (kind) => `a ${kind} without ${mark}`,
    accepted: tinyImagenetForms,
  });
}
