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

/** What the system reports by a code, in words: nobody is shown one.
 * @type {Record<string, {what: (path: string) => string, remedy: string}>} */
const WORDS = {
  ENOTDIR: {
    what: (path) => `${path} is a file, or lies in one, where a folder is needed.`,
    remedy: 'Move that file away, or choose another folder, and run the command again.',
  },
  EEXIST: {
    what: (path) => `${path} is there already, and not as what it should be.`,
    remedy: 'Move it away, and run the command again.',
  },
  EISDIR: {
    what: (path) => `${path} is a folder, where a file is needed.`,
    remedy: 'Move it away, and run the command again.',
  },
  ENOENT: {
    what: (path) => `${path} is not there.`,
    remedy:
      'If something deleted it meanwhile, run the command again; if it goes on, clone the repository anew.',
  },
  ENAMETOOLONG: {
    what: (path) => `${path} is a longer path than this system allows.`,
    remedy: 'Use a folder with a shorter path, and run the command again.',
  },
  ELOOP: {
    what: (path) => `${path} is a symbolic link that leads to itself.`,
    remedy: 'Remove it, and run the command again.',
  },
  EMFILE: {
    what: (path) => `${path} cannot be opened: too many files are open.`,
    remedy: 'Close other programs, or raise the limit (ulimit -n), and run the command again.',
  },
  EIO: {
    what: (path) => `The disk failed while ${path} was read or written.`,
    remedy: 'Check that disk, and run the command again.',
  },
};

/** @param {unknown} error @returns {string | null} */
function systemCode(error) {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/**
 * Errors of the file system look the same wherever they strike.
 * @param {unknown} error
 * @param {string} directory
 * @returns {unknown} a SetupError for what the system refused, otherwise the error as it came
 */
export function explainDisk(error, directory) {
  const code = systemCode(error);
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
 * What no step foresaw, in words where it came from the system.
 * @param {unknown} error
 * @returns {unknown} a SetupError, or the error as it came: a fault of ours
 */
export function explainSystem(error) {
  const code = systemCode(error);
  if (code === null || error instanceof SetupError || !(error instanceof Error)) return error;
  const [dest, path] = ['dest', 'path'].map(
    (name) => /** @type {unknown} */ (Reflect.get(error, name)),
  );
  const where = typeof dest === 'string' && code !== 'ENOENT' ? dest : path;
  const subject = typeof where === 'string' ? where : 'A file';
  const explained = explainDisk(error, subject);
  if (explained instanceof SetupError) return explained;
  const words = WORDS[code];
  if (words) return new SetupError('system', words.what(subject), words.remedy);
  if (!/^E[A-Z0-9]+$/.test(code) || !('syscall' in error)) return error;
  return new SetupError(
    'system',
    `The system refused to work with ${subject}.`,
    'Run the command again; if it goes on, try it in another folder.',
  );
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
