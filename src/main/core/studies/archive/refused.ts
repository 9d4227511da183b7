import { StudioError } from '../../../../shared/errors';

/** The one way in which an archive is refused: nothing of it has been taken then. */
export function refused(reason: string, cause?: unknown): StudioError {
  return new StudioError(
    {
      code: 'corrupt-file',
      message: `This archive cannot be imported. ${reason}. Nothing was imported.`,
      details: { reason },
    },
    cause,
  );
}
