/** One step of the way to a folder, outermost first. */
export interface Place {
  readonly name: string;
  readonly path: string;
}

const separatorOf = (path: string) => (path.startsWith('/') ? '/' : '\\');

/** '/home/ada' as '/', 'home' and 'ada', each with its path; drives are roots as well. */
export function placesOf(path: string): Place[] {
  const separator = separatorOf(path);
  const names = path.split(separator).filter((part) => part !== '');
  const root = separator === '/' ? [{ name: '/', path: '/' }] : [];
  return [
    ...root,
    ...names.map((name, i) => {
      const within = names.slice(0, i + 1).join(separator);
      const drive = separator === '\\' && i === 0 ? separator : '';
      return { name, path: separator === '/' ? `/${within}` : `${within}${drive}` };
    }),
  ];
}

/** The path of an entry of a folder. */
export function joinPath(folder: string, name: string): string {
  const separator = separatorOf(folder);
  return folder.endsWith(separator) ? `${folder}${name}` : `${folder}${separator}${name}`;
}
