/**
 * What systems and file managers leave in folders and archives, and what is never anybody's data:
 * the Finder's (with a copy `._name` of every file's attributes), Spotlight's, the Explorer's.
 */
const names = new Set([
  '__macosx',
  '.ds_store',
  '.localized',
  '.fseventsd',
  '.spotlight-v100',
  '.temporaryitems',
  '.trashes',
  'icon\r',
  'desktop.ini',
  'ehthumbs.db',
  'thumbs.db',
]);

/** Whether a file or folder of this name is passed over, with all that is in it. */
export function isJunk(name: string): boolean {
  return name.startsWith('._') || names.has(name.toLowerCase());
}

/** Whether any step of a path is, `/` between the steps. */
export function isJunkPath(path: string): boolean {
  return path.split('/').some(isJunk);
}
