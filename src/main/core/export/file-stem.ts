/** A name as the start of a file's name; `fallback` where nothing of it is left. */
export function fileStem(name: string, fallback: string): string {
  const stem = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  return stem || fallback;
}
