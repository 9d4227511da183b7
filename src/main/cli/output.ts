import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Write a file whole or not at all. */
export async function writeWhole(
  folder: string,
  name: string,
  data: string | Uint8Array,
): Promise<string> {
  return putWhole(folder, name, (partial) => writeFile(partial, data));
}

/** Copy a file whole or not at all. */
export async function copyWhole(folder: string, name: string, from: string): Promise<string> {
  return putWhole(folder, name, (partial) => copyFile(from, partial));
}

async function putWhole(
  folder: string,
  name: string,
  write: (partial: string) => Promise<void>,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  const partial = `${path}.part`;
  await write(partial);
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
