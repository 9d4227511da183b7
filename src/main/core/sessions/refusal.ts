import { type ErrorData, StudioError, toErrorData } from '../../../shared/errors';

/** A refusal whose words were written for raters: the only ones that reach their page as they are. */
export class RatingRefusal extends StudioError {
  constructor(data: ErrorData, cause?: unknown) {
    super(data, cause);
    this.name = 'RatingRefusal';
  }
}

const kept = 'What was confirmed is kept; tell the researcher, then try again.';

const sentences: Partial<Record<ErrorData['code'], string>> = {
  'disk-full': `The disk of this computer is full, so this could not be saved. ${kept}`,
  'read-only': `The data of this study cannot be written to, so this could not be saved. ${kept}`,
  cancelled: 'This was cancelled.',
};

/**
 * What a rater's page is told of an error. Anything that was not written for raters may name a
 * method, a hash or a path, and is replaced by a neutral sentence.
 */
export function forRaters(error: unknown): StudioError {
  if (error instanceof RatingRefusal) return error;
  const { code } = toErrorData(error);
  const sentence = sentences[code];
  return new StudioError({
    code: sentence === undefined ? 'internal' : code,
    message: sentence ?? `Something went wrong on this computer. ${kept}`,
  });
}

/** An error for the log without what could unblind whoever reads it: its code, and where it arose. */
export function withoutNames(error: unknown): { code: string; kind: string; at: string } {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return {
    code: toErrorData(error).code,
    kind: error instanceof Error ? error.name : typeof error,
    at: stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12)
      .join('\n'),
  };
}
