import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Write a file whole or not at all. */
export async function writeWhole(
  folder: string,
  name: string,
  data: string | Uint8Array,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  const partial = `${path}.part`;
  await writeFile(partial, data);
  await rename(partial, path);
  return path;
}

/** Rows in columns; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  const numeric = header.map((_, i) => rows.every((row) => /^[-+]?[\d.,%]*$/.test(row[i] ?? '')));
  return all.map((row) =>
    row
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
