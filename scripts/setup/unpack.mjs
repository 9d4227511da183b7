// @ts-check
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * @param {string} pattern in which * is a part of a name and two of them before a slash any number of folders
 * @returns {RegExp}
 */
export function matcher(pattern) {
  const source = pattern
    .split(/(\*\*\/|\*)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '*') return '[^/]*';
      return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`);
}

/**
 * Streams the wanted members of a zip file to disk; nothing else is read.
 * @param {string} file
 * @param {readonly string[]} patterns
 * @param {string} into
 * @param {(bytes: number) => void} [onBytes] how much was written so far
 * @returns {Promise<Record<string, number>>} name and bytes of each file written
 */
export async function unpack(file, patterns, into, onBytes = () => {}) {
  // A package: it is there by now, since packages come first.
  const { openPromise } = await import('yauzl');
  const wanted = patterns.map(matcher);
  /** @type {Record<string, number>} */
  const written = {};
  let total = 0;
  const archive = await openPromise(file, { lazyEntries: true });
  try {
    for await (const entry of archive.eachEntry()) {
      const name = String(entry.fileName);
      if (name.endsWith('/') || !wanted.some((pattern) => pattern.test(name))) continue;
      const target = join(into, name);
      mkdirSync(dirname(target), { recursive: true });
      const executable = ((entry.externalFileAttributes >>> 16) & 0o111) !== 0;
      const source = await archive.openReadStreamPromise(entry);
      source.on('data', (/** @type {Buffer} */ chunk) => onBytes((total += chunk.length)));
      await pipeline(source, createWriteStream(target, { mode: executable ? 0o755 : 0o644 }));
      written[name] = entry.uncompressedSize;
    }
  } finally {
    archive.close();
  }
  return written;
}
