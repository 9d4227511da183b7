// @ts-check
/**
 * A step that cannot go on: what is missing, and the command that brings it.
 * Everything else that is thrown in set-up is a fault of ours and keeps its stack.
 */
export class SetupError extends Error {
  /**
   * @param {string} code stable, for tests and for the doctor
   * @param {string} message what is missing or wrong, one or two sentences
   * @param {string} remedy what to do, with the exact command where there is one
   */
  constructor(code, message, remedy) {
    super(message);
    this.name = 'SetupError';
    this.code = code;
    this.remedy = remedy;
  }
}

/**
 * A full disk looks the same wherever it strikes.
 * @param {unknown} error
 * @param {string} directory
 * @returns {unknown} a SetupError for a full disk, otherwise the error as it came
 */
export function explainDisk(error, directory) {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(directory);
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new SetupError(
      'not-writable',
      `Set-up may not write to ${directory}.`,
      'Give yourself the right to write there, or set SALIENCY_STUDIO_CACHE to a folder of yours (for the cache) and run the command again.',
    );
  }
  return error;
}

/**
 * @param {string} directory
 * @param {string} [detail]
 */
export function diskFull(directory, detail = '') {
  return new SetupError(
    'disk-full',
    `The disk that holds ${directory} has too little room.${detail ? ` ${detail}` : ''}`,
    'Free some space there, or set SALIENCY_STUDIO_CACHE to a folder on a larger disk, and run the command again: it goes on where it stopped.',
  );
}
