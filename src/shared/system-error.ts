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

const words = (code: Words['code'], clause: string, remedy: string): Words => ({
  code,
  clause,
  remedy,
});

const elsewhere = 'choose another place';
const mayNot = words(
  'read-only',
  'your user may not read or write it',
  `give your user the right to, or ${elsewhere}`,
);
const full = words(
  'disk-full',
  'the disk that holds it is full',
  'free some space (Overview, Disk), then go on; nothing done so far is lost',
);
const crowded = words(
  'busy',
  'it cannot be opened beside all the files that are open',
  'close other programs, or raise the limit (ulimit -n), then try again',
);
const inUse = words('busy', 'it is in use by another program', 'close that one, then try again');
const gone = words(
  'not-found',
  'the disk that holds it is no longer connected',
  'connect it again, then try again',
);
const unfit = words('conflict', 'the file system there does not take it', elsewhere);

/** Of files, folders and programs. */
const files: Readonly<Record<string, Words>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: words(
    'disk-full',
    'it would grow larger than the file system or your user’s limit (ulimit -f) allows',
    `raise the limit, or ${elsewhere}; nothing done so far is lost`,
  ),
  EROFS: words('read-only', 'it lies on a disk that can only be read', elsewhere),
  EACCES: mayNot,
  EPERM: mayNot,
  ENOENT: words(
    'not-found',
    'it is not there',
    'check the path, and whether something has moved or deleted it',
  ),
  ENOTDIR: words('conflict', 'it is a file, or lies in one, where a folder is needed', elsewhere),
  EISDIR: words('conflict', 'it is a folder, where a file is needed', 'name a file'),
  EEXIST: words('conflict', 'it is there already', `move it away, or ${elsewhere}`),
  ENOTEMPTY: words(
    'conflict',
    'it is a folder that is not empty',
    `move away what it holds, or ${elsewhere}`,
  ),
  ENAMETOOLONG: words(
    'conflict',
    'it is a longer path, or name, than this system allows',
    'choose a shorter one',
  ),
  ELOOP: words(
    'conflict',
    'it is a symbolic link that leads to itself, or may not be followed',
    elsewhere,
  ),
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
  ENOMEM: words(
    'busy',
    'it takes more memory than is free',
    'close other programs, then try again',
  ),
  EIO: words(
    'corrupt-file',
    'the disk failed while it was read or written',
    'check that disk and its cable, then try again',
  ),
  ESTALE: gone,
  ENODEV: gone,
  ENXIO: gone,
  ENOEXEC: words(
    'conflict',
    'it is no program for this machine',
    'run `npm run setup`, which brings the right one',
  ),
  ERR_FS_FILE_TOO_LARGE: words('conflict', 'it is larger than 2 GiB', 'choose a smaller file'),
};

const cutOff = words('not-found', 'the connection with it was cut off', 'try again');
const unknownHost = words(
  'not-found',
  'the network does not know it',
  'check the address and the network',
);
const unreachable = words('not-found', 'it cannot be reached', 'check the network, then try again');
const silent = words('not-found', 'it does not answer', 'check the network, then try again');
const distrusted = words(
  'conflict',
  'it shows a certificate that is not trusted here',
  'check the network and this machine’s clock and certificates',
);

/** Of connections. */
const network: Readonly<Record<string, Words>> = {
  ECONNREFUSED: words(
    'not-found',
    'it refuses the connection',
    'check the address and the network',
  ),
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
  const found = Object.hasOwn(files, code) ? files[code] : unknownWords(error, code);
  return found ? told(found, subject ?? pathOf(error, code)) : null;
}

/** An error of a file or of a connection; null for anything else. */
export function systemError(error: unknown, subject?: string): SystemError | null {
  const ofFile = fileError(error, subject);
  if (ofFile) return ofFile;
  const code = codeOf(error);
  if (code === null) return null;
  const found = network[code] ?? files[code] ?? unknownWords(error, code);
  return found ? told(found, subject ?? hostOf(error) ?? pathOf(error, code)) : null;
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
