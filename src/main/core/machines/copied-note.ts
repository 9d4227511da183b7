import { existsSync } from 'node:fs';
import { type Joins } from './joins/joins';
import { type MachinesFolder } from './machines-folder';

/**
 * What a person should know of a data directory that is taken for a copy, in sentences: until somebody may
 * join it. Null: it is none, or the original let nobody in either.
 */
export function copiedNote(
  { original }: Pick<MachinesFolder, 'original'>,
  joins: Pick<Joins, 'list'>,
): string | null {
  if (!existsSync(original) || joins.list().length > 0) return null;
  return `This data directory was copied, or moved to another disk: join files of before let nobody in here. Make them anew. If it was moved and the original is gone, they can go on: end the application, and put what is in ${original} into the folder above it, in the place of what is there.`;
}
