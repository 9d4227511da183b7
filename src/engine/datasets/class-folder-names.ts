/** Bytes of a name that every file system takes; some are left for what tells two apart. */
const mostBytes = 200;

/** Names that Windows keeps for devices, with any ending. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** A class's name as a folder may be called anywhere. */
function portable(name: string): string {
  const plain = name
    .replaceAll(/[<>:"/\\|?*\p{Cc}]/gu, '_')
    .replace(/^[.~ ]+/, '_')
    .replace(/[. ]+$/, '_');
  let short = '';
  for (const character of reserved.test(plain) ? `_${plain}` : plain) {
    if (Buffer.byteLength(short + character) > mostBytes) break;
    short += character;
  }
  return short || '_';
}

/**
 * Folders for classes, by label: their names where every file system takes them, else what is close to
 * them; no two are one where case does not count.
 */
export function classFolderNames(classes: readonly string[]): string[] {
  const taken = new Set<string>();
  return classes.map((name) => {
    const plain = portable(name);
    let folder = plain;
    for (let number = 2; taken.has(folder.toLowerCase()); number += 1)
      folder = `${plain}-${number}`;
    taken.add(folder.toLowerCase());
    return folder;
  });
}
