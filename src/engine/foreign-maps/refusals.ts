import { StudioError } from '../../shared/errors';

/** Refusals of one file of maps, by its name. */
export interface Refusals {
  /** The file is broken, cut off or put together to harm; the clause goes on from a colon. */
  damaged(why: string): StudioError;
  /** The file is whole and holds something else; the clause goes on from the file's name. */
  refused(what: string, field?: string, details?: Readonly<Record<string, string>>): StudioError;
}

const accepted =
  'one array of numbers, [N, H, W] or [N, H, W, C], as .npy or in an .npz, N as many as the images';

export function refusalsOf(file: string): Refusals {
  return {
    damaged: (why) =>
      new StudioError({
        code: 'corrupt-file',
        message: `${file} is no readable array of NumPy: ${why}.`,
        details: { file },
      }),
    refused: (what, field = 'file', details = {}) =>
      new StudioError({
        code: 'invalid-input',
        message: `${file} ${what}.`,
        field,
        value: file,
        accepted,
        details: { file, ...details },
      }),
  };
}
