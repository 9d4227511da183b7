/**
 * What an operating system reports by a code (ENOSPC, EACCES, ECONNREFUSED), in words that a person
 * can act on. The one place that knows these codes: nobody is ever shown one.
 */
export interface SystemError {
  readonly code: 'disk-full' | 'read-only' | 'not-found' | 'conflict' | 'busy' | 'corrupt-file';
  /** A clause about `it`, for a sentence that has named the place already: 'it is not there'. */
  readonly reason: string;
  /** The whole sentence, with the place and what to do. */
  readonly message: string;
  /** The file, folder, program or host; null where the error does not say. */
  readonly subject: string | null;
}

interface Words {
  readonly code: SystemError['code'];
  /** Holds `it` once, which stands for the subject. */
  readonly clause: string;
  readonly remedy: string;
}

const elsewhere = 'choose another place';
const mayNot: Words = {
  code: 'read-only',
  clause: 'your user may not read or write it',
  remedy: `give your user the right to, or ${elsewhere}`,
};
const full: Words = {
  code: 'disk-full',
  clause: 'the disk that holds it is full',
  remedy: 'free some space (Overview, Disk), then go on; nothing done so far is lost',
};
const crowded: Words = {
  code: 'busy',
  clause: 'it cannot be opened beside all the files that are open',
  remedy: 'close other programs, or raise the limit (ulimit -n), then try again',
};
const inUse: Words = {
  code: 'busy',
  clause: 'it is in use by another program',
  remedy: 'close that one, then try again',
};
const gone: Words = {
  code: 'not-found',
  clause: 'the disk that holds it is no longer connected',
  remedy: 'connect it again, then try again',
};
const unfit: Words = {
  code: 'conflict',
  clause: 'the file system there does not take it',
  remedy: elsewhere,
};

/** Of files, folders and programs. */
const files: Readonly<Record<string, Words>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: {
    code: 'disk-full',
    clause: 'it would grow larger than the file system or your user’s limit (ulimit -f) allows',
    remedy: `raise the limit, or ${elsewhere}; nothing done so far is lost`,
  },
  EROFS: {
    code: 'read-only',
    clause: 'it lies on a disk that can only be read',
    remedy: elsewhere,
  },
  EACCES: mayNot,
  EPERM: mayNot,
  ENOENT: {
    code: 'not-found',
    clause: 'it is not there',
    remedy: 'check the path, and whether something has moved or deleted it',
  },
  ENOTDIR: {
    code: 'conflict',
    clause: 'it is a file, or lies in one, where a folder is needed',
    remedy: elsewhere,
  },
  EISDIR: {
    code: 'conflict',
    clause: 'it is a folder, where a file is needed',
    remedy: 'name a file',
  },
  EEXIST: {
    code: 'conflict',
    clause: 'it is there already',
    remedy: `move it away, or ${elsewhere}`,
  },
  ENOTEMPTY: {
    code: 'conflict',
    clause: 'it is a folder that is not empty',
    remedy: `move away what it holds, or ${elsewhere}`,
  },
  ENAMETOOLONG: {
    code: 'conflict',
    clause: 'it is a longer path, or name, than this system allows',
    remedy: 'choose a shorter one',
  },
  ELOOP: {
    code: 'conflict',
    clause: 'it is a symbolic link that leads to itself, or may not be followed',
    remedy: elsewhere,
  },
  EXDEV: unfit,
  EINVAL: unfit,
  ENOTSUP: unfit,
  EOPNOTSUPP: unfit,
  ENOSYS: unfit,
  EILSEQ: unfit,
  EMFILE: crowded,
  ENFILE: crowded,
  EBUSY: inUse,
  ETXTBSY: inUse,
  EAGAIN: inUse,
  ENOLCK: inUse,
  ENOMEM: {
    code: 'busy',
    clause: 'it takes more memory than is free',
    remedy: 'close other programs, then try again',
  },
  EIO: {
    code: 'corrupt-file',
    clause: 'the disk failed while it was read or written',
    remedy: 'check that disk and its cable, then try again',
  },
  ESTALE: gone,
  ENODEV: gone,
  ENXIO: gone,
  ENOEXEC: {
    code: 'conflict',
    clause: 'it is no program for this machine',
    remedy: 'run `npm run setup`, which brings the right one',
  },
  ERR_FS_FILE_TOO_LARGE: {
    code: 'conflict',
    clause: 'it is larger than 2 GiB',
    remedy: 'choose a smaller file',
  },
};

const cutOff: Words = {
  code: 'not-found',
  clause: 'the connection with it was cut off',
  remedy: 'try again',
};
const unknownHost: Words = {
  code: 'not-found',
  clause: 'the network does not know it',
  remedy: 'check the address and the network',
};
const unreachable: Words = {
  code: 'not-found',
  clause: 'it cannot be reached',
  remedy: 'check the network, then try again',
};
const silent: Words = {
  code: 'not-found',
  clause: 'it does not answer',
  remedy: 'check the network, then try again',
};
const distrusted: Words = {
  code: 'conflict',
  clause: 'it shows a certificate that is not trusted here',
  remedy: 'check the network and this machine’s clock and certificates',
};

/** Of connections. */
const network: Readonly<Record<string, Words>> = {
  ECONNREFUSED: {
    code: 'not-found',
    clause: 'it refuses the connection',
    remedy: 'check the address and the network',
  },
  ECONNRESET: cutOff,
  ECONNABORTED: cutOff,
  EPIPE: cutOff,
  ENOTCONN: cutOff,
  ENETRESET: cutOff,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  EAI_NONAME: unknownHost,
  EAI_FAIL: unknownHost,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EHOSTDOWN: unreachable,
  ENETDOWN: unreachable,
  ETIMEDOUT: silent,
  ESOCKETTIMEDOUT: silent,
  EADDRINUSE: { ...inUse, clause: 'another program listens on it' },
  EADDRNOTAVAIL: { ...unreachable, clause: 'this machine does not have it as an address' },
  EPROTO: { ...cutOff, clause: 'it does not speak the protocol that was expected' },
  CERT_HAS_EXPIRED: distrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: distrusted,
  SELF_SIGNED_CERT_IN_CHAIN: distrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: distrusted,
  UNABLE_TO_GET_ISSUER_CERT: distrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: distrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: distrusted,
};

/** The sentence of a full disk, the same wherever it strikes. */
export const diskFull = (path: string): { code: 'disk-full'; message: string } => ({
  code: 'disk-full',
  message: told(full, path).message,
});

/**
 * An error of a file, a folder or a program.
 *
 * @param subject the place to name where it is known better than the error says
 * @returns null for anything else
 */
export function fileError(error: unknown, subject?: string): SystemError | null {
  const code = codeOf(error);
  if (code === null || Object.hasOwn(network, code) || isOfNetwork(error)) return null;
  const words = Object.hasOwn(files, code) ? files[code] : unknownWords(error, code);
  return words ? told(words, subject ?? pathOf(error, code)) : null;
}

/** An error of a file or of a connection; null for anything else. */
export function systemError(error: unknown, subject?: string): SystemError | null {
  const ofFile = fileError(error, subject);
  if (ofFile) return ofFile;
  const code = codeOf(error);
  if (code === null) return null;
  const words = network[code] ?? files[code] ?? unknownWords(error, code);
  return words ? told(words, subject ?? hostOf(error) ?? pathOf(error, code)) : null;
}

/** What another program says, with the system's codes in words: 'connect ECONNREFUSED 10.0.0.1:443'. */
export function inWords(text: string): string {
  const codes =
    /(?:\b(?:getaddrinfo|connect|read|write|open|spawn|mkdir|rename) )?\b([A-Z][A-Z0-9_]{3,})\b/g;
  return text.replace(codes, (whole, code: string) => {
    const known = Object.hasOwn(files, code) ? files[code] : network[code];
    return known?.clause ?? whole;
  });
}

function told({ code, clause, remedy }: Words, subject: string | null): SystemError {
  // A function, for `$` in a path means something to `replace`.
  const named = clause.replace(/\bit\b/, () => subject ?? 'the file');
  const sentence = named === clause ? named : startingLarge(named, subject);
  return { code, reason: clause, message: `${sentence}: ${remedy}.`, subject };
}

/** A path keeps its first letter. */
function startingLarge(sentence: string, subject: string | null): string {
  if (subject !== null && sentence.startsWith(subject)) return sentence;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  if (typeof error.code !== 'string') return null;
  // Folders are made with all that are above them, which fails so where one of these is a file.
  const fileInTheWay = error.code === 'EEXIST' && Reflect.get(error, 'syscall') === 'mkdir';
  return fileInTheWay ? 'ENOTDIR' : error.code;
}

/** A code that the tables lack, but certainly of the system: its own description, without the code. */
function unknownWords(error: unknown, code: string): Words | null {
  if (
    !/^(?!ERR_)(E[A-Z0-9_]{2,}|UNKNOWN)$/.test(code) ||
    !(error instanceof Error) ||
    !('syscall' in error)
  )
    return null;
  const said = /^[A-Z0-9_]+: ([^,]+)/.exec(error.message)?.[1];
  const why = said === undefined ? '' : ` (${said})`;
  return { ...unfit, clause: `the system does not allow it${why}`, remedy: 'try again' };
}

const networkCalls: readonly string[] = ['connect', 'getaddrinfo', 'listen', 'bind', 'accept'];

function isOfNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const call = 'syscall' in error ? error.syscall : undefined;
  return typeof call === 'string' && networkCalls.includes(call);
}

/** What was written to, where an operation has two paths and the disk was the matter. */
function pathOf(error: unknown, code: string): string | null {
  if (!(error instanceof Error)) return null;
  const [path, dest] = ['path', 'dest'].map((name) => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' ? value : null;
  });
  return (code === 'ENOENT' ? path : (dest ?? path)) ?? null;
}

function hostOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const hostname: unknown = Reflect.get(error, 'hostname');
  if (typeof hostname === 'string') return hostname;
  const [address, port] = ['address', 'port'].map((name): unknown => Reflect.get(error, name));
  if (typeof address !== 'string') return null;
  return typeof port === 'number' ? `${address}:${port}` : address;
}
