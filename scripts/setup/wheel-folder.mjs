// @ts-check
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
// By name, `statfs` would keep a Node that lacks it from saying that it is too old.
import * as disk from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SetupError, diskFull, explainDisk } from './errors.mjs';
import { downloadWheel } from './download.mjs';
import { readJson, sizeOf, writeAtomically } from './files.mjs';
import { megabytes, seconds } from './print.mjs';
import { unpack } from './unpack.mjs';

/**
 * What pinned wheels hold, in the per-user cache: KIND/ID/ with the wanted files, and complete.json,
 * which names each with its size. It is put together under partial/ and renamed when whole. A wheel
 * that is unpacked there is noted, so an interrupted run of many wheels goes on with the next.
 * @typedef {{kind: string, id: string, wheels: import('./wheels.mjs').Wheel[],
 *   members: Record<string, string[]>, purpose: import('./download.mjs').Purpose}} WheelFolder
 *   kind: folder of the cache, and of resources where its wheels.json lies; id: changes with the
 *   content; members: patterns of the files to unpack
 */

/** @param {string} cache @param {Pick<WheelFolder, 'kind' | 'id'>} set */
export function wheelDirectory(cache, { kind, id }) {
  return join(cache, kind, id);
}

/** @param {string} directory @param {Record<string, number>} files */
function filesIntact(directory, files) {
  return Object.entries(files).every(([name, bytes]) => sizeOf(join(directory, name)) === bytes);
}

/**
 * @param {string} cache
 * @param {Pick<WheelFolder, 'kind' | 'id'>} set
 * @returns {boolean} whether all of it is there, to the byte count
 */
export function wheelsComplete(cache, set) {
  const directory = wheelDirectory(cache, set);
  const files = readJson(join(directory, 'complete.json'))?.files;
  return Boolean(files) && filesIntact(directory, files);
}

/** @param {string} directory @param {number} needed bytes */
async function checkSpace(directory, needed) {
  const { bavail, bsize } = await disk.statfs(directory);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw diskFull(
    directory,
    `Set-up needs ${megabytes(needed)} there; ${megabytes(free)} are free.`,
  );
}

/**
 * @typedef {{python: () => Promise<string>, fetchWheel?: typeof downloadWheel}} WheelTools
 *   python: found only when something must be fetched; fetchWheel: how a wheel comes
 * @param {import('./context.mjs').Context} context
 * @param {WheelFolder} set
 * @param {WheelTools} tools
 * @returns {Promise<string>} the folder with the files
 */
export async function ensureWheels(context, set, { python, fetchWheel = downloadWheel }) {
  const { cache, print } = context;
  const { title } = set.purpose;
  const final = wheelDirectory(cache, set);
  if (wheelsComplete(cache, set)) return final;
  const partial = join(cache, 'partial', set.id);
  const assembled = join(partial, 'root');
  /** @param {import('./wheels.mjs').Wheel} wheel */
  const note = (wheel) => join(partial, 'unpacked', `${wheel.file}.json`);
  /** @param {import('./wheels.mjs').Wheel} wheel */
  const unpacked = (wheel) => {
    const files = readJson(note(wheel))?.files;
    return files && filesIntact(assembled, files) ? files : null;
  };
  try {
    mkdirSync(assembled, { recursive: true });
    const waiting = set.wheels.filter((wheel) => unpacked(wheel) === null);
    const largest = Math.max(0, ...waiting.map((wheel) => wheel.bytes));
    const unpackedBytes = waiting.reduce((sum, wheel) => sum + wheel.unpackedBytes, 0);
    await checkSpace(cache, largest + unpackedBytes);
    const interpreter = waiting.length > 0 ? await python() : '';
    /** @type {Record<string, number>} */
    const all = {};
    for (const [index, wheel] of set.wheels.entries()) {
      let files = unpacked(wheel);
      if (files === null) {
        if (set.wheels.length > 1) {
          print.step(title, `file ${index + 1} of ${set.wheels.length}: ${wheel.name}`);
        }
        const download = join(partial, 'download');
        const file = await fetchWheel(context, wheel, interpreter, download, set.purpose);
        files = await unpackWheel(context, set, wheel, file, assembled);
        writeAtomically(note(wheel), JSON.stringify({ files }));
        rmSync(download, { recursive: true, force: true });
      }
      Object.assign(all, files);
    }
    writeAtomically(join(assembled, 'complete.json'), JSON.stringify({ id: set.id, files: all }));
    mkdirSync(dirname(final), { recursive: true });
    // What stands in the place is not complete (checked above): an earlier copy with files lost.
    if (existsSync(final)) rmSync(final, { recursive: true, force: true });
    renameSync(assembled, final);
    rmSync(partial, { recursive: true, force: true });
  } catch (error) {
    throw explainDisk(error, cache);
  }
  return final;
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {WheelFolder} set
 * @param {import('./wheels.mjs').Wheel} wheel
 * @param {string} file
 * @param {string} into
 */
async function unpackWheel({ print }, { kind, members, purpose }, wheel, file, into) {
  const started = Date.now();
  const patterns = members[wheel.members] ?? [];
  const files = await unpack(file, patterns, into, (bytes) =>
    print.progress(
      purpose.title,
      `unpacking ${megabytes(bytes)} of ${megabytes(wheel.unpackedBytes)}`,
    ),
  );
  const bytes = Object.values(files).reduce((sum, size) => sum + size, 0);
  if (bytes !== wheel.unpackedBytes) {
    const pins = `resources/${kind}/wheels.json`;
    throw new SetupError(
      'wrong-content',
      `${wheel.file} holds ${bytes} bytes of the files that are needed, expected ${wheel.unpackedBytes}.`,
      `${pins} does not describe this wheel: restore it (git checkout ${pins}).`,
    );
  }
  print.step(
    purpose.title,
    `unpacked ${Object.keys(files).length} files, ${megabytes(bytes)}, in ${seconds(Date.now() - started)}`,
  );
  return files;
}
