import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../../../shared/errors';

/** Why a path is no folder and cannot become one, found without making anything; null where it may. */
export function folderProblem(path: string): string | null {
  try {
    const found = statSync(path);
    return found.isDirectory() ? null : 'it is a file';
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return reasonOf(error);
  }
  return danglingAbove(path);
}

/** A link to nothing: `mkdir` would say of it that it is there already. */
export function danglingAbove(path: string): string | null {
  for (let at = path; ; at = dirname(at)) {
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() && !statSync(at, { throwIfNoEntry: false })) {
      const which = at === path ? 'it' : at;
      return `${which} is a symbolic link to something that is not there`;
    }
    if (found || at === dirname(at)) return null;
  }
}
