import { StudioError } from '../../../shared/errors';

/** Says what is wrong with one file; the clause goes on from "is not a readable PyTorch file:". */
export type Damaged = (why: string) => StudioError;

/** Refusals of one file, by its name. */
export interface Problems {
  /** The file is broken, cut off or put together to harm. */
  readonly damaged: Damaged;
  /** The file is whole and holds something else; the clause goes on from the file's name. */
  refused(what: string): StudioError;
}

export function problemsOf(file: string): Problems {
  const details = { file };
  return {
    damaged: (why) =>
      new StudioError({
        code: 'corrupt-file',
        message: `${file} is not a readable PyTorch file: ${why}.`,
        details,
      }),
    refused: (what) =>
      new StudioError({
        code: 'invalid-input',
        message: `${file} ${what}.`,
        field: 'file',
        value: file,
        accepted: 'a state_dict that torch.save wrote: tensors by their names, and plain values',
        details,
      }),
  };
}

/** A text of the file in a message: never longer than a line. */
export function shown(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
