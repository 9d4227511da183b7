// @ts-check
/** What the system's codes mean, where another program's own lines are shown: nobody reads codes.
 * @type {Record<string, string>} */
const CLAUSES = {
  EACCES: 'the system does not allow it',
  EAI_AGAIN: 'its host cannot be looked up',
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut',
  EDQUOT: 'the disk is full',
  EEXIST: 'it is there already',
  EHOSTUNREACH: 'its host cannot be reached',
  EIO: 'the disk failed',
  ELOOP: 'it is a link that leads to itself',
  EMFILE: 'too many files are open',
  ENETUNREACH: 'the network cannot be reached',
  ENFILE: 'too many files are open',
  ENOENT: 'it is not there',
  ENOMEM: 'there is too little memory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a folder is needed where a file is',
  ENOTEMPTY: 'the folder is not empty',
  ENOTFOUND: 'its host cannot be found',
  EPERM: 'the system does not allow it',
  EROFS: 'nothing can be written there',
  ETIMEDOUT: 'it took too long',
};

/**
 * A program's lines without the system's codes: lines that hold nothing else go, elsewhere words stand
 * for them. A program's own codes, such as npm's EUSAGE, stay.
 * @param {string} text
 */
export function inWords(text) {
  return text
    .split('\n')
    .filter((line) => !/^\s*npm (?:error|ERR!) (?:code|errno|syscall)\b/.test(line))
    .map((line) =>
      line.replace(
        /\b(?:(?:getaddrinfo|connect|read|write|open|mkdir|rename|spawn(?:Sync)?) )?(E[A-Z][A-Z_]+)\b/g,
        (whole, /** @type {string} */ code) => CLAUSES[code] ?? whole,
      ),
    )
    .join('\n');
}
