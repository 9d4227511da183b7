// @ts-check
import { createHash, randomBytes } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Written beside its place and renamed: a reader sees the old content or the new one.
 * @param {string} file
 * @param {string} content
 */
export function writeAtomically(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.${randomBytes(3).toString('hex')}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

/**
 * @param {string} file
 * @returns {any} the parsed content; null where the file is missing or not JSON
 */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** @param {string} file @returns {number} bytes, -1 where there is no such file */
export function sizeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.size ?? -1;
}

/** @param {string | Buffer} content */
export function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** @param {string} file @returns {Promise<string>} */
export async function sha256OfFile(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/**
 * @param {string} directory
 * @returns {string[]} paths of all files below, relative, with slashes, sorted
 */
export function filesBelow(directory) {
  if (!existsSync(directory)) return [];
  /** @type {string[]} */
  const found = [];
  /** @param {string} relative */
  const visit = (relative) => {
    for (const entry of readdirSync(join(directory, relative), { withFileTypes: true })) {
      const path = relative ? `${relative}/${entry.name}` : entry.name;
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  visit('');
  return found.sort();
}

/**
 * @param {string} root
 * @param {readonly string[]} paths files and folders below root; missing ones count as absent
 * @returns {string} a hash of every name and every byte
 */
export function hashOfTree(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const full = join(root, path);
    const stat = statSync(full, { throwIfNoEntry: false });
    const files = stat?.isDirectory() ? filesBelow(full).map((name) => `${path}/${name}`) : [path];
    for (const file of files) {
      const content = stat ? readFileSync(join(root, file)) : null;
      hash.update(`${file}\0${content ? content.length : 'absent'}\0`);
      if (content) hash.update(content);
    }
  }
  return hash.digest('hex');
}

/**
 * @param {string} directory
 * @returns {number} bytes of all files below; files that vanish meanwhile count as nothing
 */
export function bytesBelow(directory) {
  let total = 0;
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      total += entry.isDirectory() ? bytesBelow(path) : Math.max(0, sizeOf(path));
    }
  } catch {
    return total;
  }
  return total;
}
