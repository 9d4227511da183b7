// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bytesBelow, readJson, writeAtomically } from './files.mjs';
import { withLock } from './lock.mjs';
import { environmentFor } from './node-runtime.mjs';
import { megabytes, seconds } from './print.mjs';
import { lastLines, runTool, stopToolsOnSignals, withoutNpmSettings } from './process.mjs';
import { inWords } from './system-words.mjs';

/**
 * Which shell opens: Electron where it can run, else the browser, always with the reason.
 * @typedef {{platform: NodeJS.Platform, env: NodeJS.ProcessEnv, user: number | undefined}} Desktop
 */

const DAY_MS = 24 * 3600 * 1000;
const STALL_MS = 30_000;
const LIMIT_MS = 15 * 60_000;

/**
 * @param {Desktop} desktop
 * @returns {string | null} why Electron cannot run here whatever is installed; null where it can
 */
export function electronObstacle({ platform, env, user }) {
  if (platform !== 'linux') return null;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display';
  if (user === 0) return 'Electron does not run as root with its sandbox on';
  return null;
}

/** @param {string} root @returns {string | null} the installed binary, by Electron's own test */
export function electronBinary(root) {
  const home = join(root, 'node_modules', 'electron');
  try {
    const version = readJson(join(home, 'package.json'))?.version;
    const path = join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8'));
    const installed = readFileSync(join(home, 'dist', 'version'), 'utf8').replace(/^v/, '');
    return installed.trim() === version && existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} binary
 * @param {Desktop} desktop
 * @returns {string | null} what this Linux lacks for the binary
 */
export function binaryObstacle(binary, { platform }) {
  if (platform !== 'linux') return null;
  try {
    const libraries = execFileSync('ldd', [binary], { encoding: 'utf8', stdio: 'pipe' });
    const missing = [...libraries.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
    if (missing.length > 0) return `Electron lacks libraries of the system (${missing.join(', ')})`;
  } catch {
    return 'the Electron binary is damaged or for another system';
  }
  const helper = join(binary, '..', 'chrome-sandbox');
  const stat = statSync(helper, { throwIfNoEntry: false });
  if ((stat?.uid === 0 && (stat.mode & 0o4000) !== 0) || !userNamespacesDenied()) return null;
  return `this system denies Electron its sandbox (to allow it: sudo chown root:root ${helper} && sudo chmod 4755 ${helper})`;
}

function userNamespacesDenied() {
  /** @param {string} file */
  const setting = (file) => {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      return null;
    }
  };
  return (
    setting('/proc/sys/kernel/unprivileged_userns_clone') === '0' ||
    setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1'
  );
}

/**
 * @param {string} state
 * @param {string} version
 * @param {number} now
 * @returns {string | null} why the download failed in the last day
 */
export function recentFailure(state, version, now) {
  const note = readJson(join(state, 'electron-failure.json'));
  if (note?.version !== version || !(now - note.at < DAY_MS)) return null;
  return note.why;
}

/**
 * Downloads Electron's binary with the package's own script, which checks its hash.
 * @param {import('./context.mjs').Context} context
 * @param {import('./node-runtime.mjs').NodeRuntime} node
 * @param {{retry: boolean}} options retry: though it failed in the last day
 * @returns {Promise<{binary: string} | {why: string}>}
 */
export async function ensureElectron(context, node, { retry }) {
  const { root, state, print } = context;
  const present = electronBinary(root);
  if (present !== null) return { binary: present };
  const version = readJson(join(root, 'node_modules', 'electron', 'package.json'))?.version ?? '';
  const failed = retry ? null : recentFailure(state, version, Date.now());
  if (failed !== null) {
    return { why: `${failed}; tried in the last day (--electron tries again now)` };
  }
  const stopListening = stopToolsOnSignals();
  try {
    const onWait = (/** @type {number} */ pid) =>
      print.step('Electron', `another start (process ${pid}) is at work here; waiting for it`);
    return await withLock(join(state, 'lock'), { onWait }, async () => {
      const meanwhile = electronBinary(root);
      if (meanwhile !== null) return { binary: meanwhile };
      const why = await download(context, node, version);
      const binary = electronBinary(root);
      if (binary !== null) return { binary };
      writeAtomically(
        join(state, 'electron-failure.json'),
        JSON.stringify({ version, at: Date.now(), why }),
      );
      return { why };
    });
  } finally {
    stopListening();
  }
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {import('./node-runtime.mjs').NodeRuntime} node
 * @param {string} version
 * @returns {Promise<string>} why it failed, for where it did
 */
async function download(context, node, version) {
  const { root, state, print } = context;
  const temporary = join(state, 'electron-download');
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  print.step('Electron', `fetching Electron ${version}`);
  const started = Date.now();
  let bytes = 0;
  let moved = started;
  const { code, output, ended } = await runTool(
    node.path,
    [join(root, 'node_modules', 'electron', 'install.js')],
    {
      cwd: root,
      env: { ...withoutNpmSettings(environmentFor(context, node)), TMPDIR: temporary },
      limitMs: LIMIT_MS,
      every: () => {
        const now =
          bytesBelow(temporary) + bytesBelow(join(root, 'node_modules', 'electron', 'dist'));
        if (now !== bytes) moved = Date.now();
        bytes = now;
        print.progress('Electron', `${megabytes(bytes)}, ${seconds(Date.now() - started)}`);
        return Date.now() - moved < STALL_MS;
      },
    },
  );
  rmSync(temporary, { recursive: true, force: true });
  if (code === 0) return 'the download left no binary';
  if (ended)
    return `Electron's binary could not be downloaded (nothing came for ${STALL_MS / 1000} s)`;
  return `Electron's binary could not be downloaded (${firstError(output)})`;
}

/** @param {string} output */
function firstError(output) {
  if (/fetch failed/.test(output)) return 'its host cannot be reached';
  const line = /^.*(?:Error|ENOTFOUND|ECONN\w+|EAI_AGAIN|ETIMEDOUT|status code).*$/m.exec(
    output,
  )?.[0];
  return (line === undefined ? lastLines(output, 1) : inWords(line)).trim().slice(0, 160);
}
