import { type Upload } from '../../shared/uploads';
import { checkResearcher } from './roles';
import { type Who } from './sessions/caller';
import { type ExportStore, type TakenFile } from './storage/transit/export-store';
import { type UploadStore } from './storage/transit/upload-store';

/**
 * Where files go in and out beside the routes, which name them by their ids. For researchers alone:
 * everything throws `forbidden` for raters, and for everybody while annotator mode lasts.
 */
export interface FileDoor {
  /** Take in the bytes of a file that `uploads.begin` announced. */
  receive(upload: string, source: AsyncIterable<unknown>): Promise<void>;
  /** Take in the next piece of one. */
  append(upload: string, piece: Uint8Array): Promise<void>;
  /** A file of this machine as an upload, read where it lies. */
  adopt(path: string): Promise<Upload>;
  /** A file that a route made, once. */
  take(file: string): Promise<TakenFile>;
}

export function fileDoor(
  { uploads, exports }: { readonly uploads: UploadStore; readonly exports: ExportStore },
  who: Who,
  annotatorMode: () => boolean,
): FileDoor {
  const check = () => checkResearcher(who, annotatorMode);
  return {
    async receive(upload, source) {
      check();
      await uploads.receive(upload, source);
    },
    async append(upload, piece) {
      check();
      await uploads.append(upload, piece);
    },
    async adopt(path) {
      check();
      return uploads.adopt(path);
    },
    async take(file) {
      check();
      return exports.take(file);
    },
  };
}
