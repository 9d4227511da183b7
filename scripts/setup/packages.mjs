// @ts-check
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, diskFull } from './errors.mjs';
import { readJson, sha256 } from './files.mjs';
import { seconds } from './print.mjs';
import { lastLines, runTool, which } from './process.mjs';
import { readStamp, removeStamp, writeStamp } from './stamps.mjs';

const STAMP = 'packages';

/** npm writes this file last, so it tells what is really installed.
 * @param {string} root */
function installedList(root) {
  return join(root, 'node_modules', '.package-lock.json');
}

/** @param {string} root */
function fingerprint(root) {
  const list = statSync(installedList(root), { throwIfNoEntry: false });
  return {
    lock: sha256(readFileSync(join(root, 'package-lock.json'))),
    installed: list ? `${list.size}-${list.mtimeMs}` : 'absent',
  };
}

/**
 * @param {string} root
 * @returns {string[]} packages that the lock file wants and node_modules lacks or has otherwise
 */
export function missingPackages(root) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(installedList(root))?.packages ?? {};
  return Object.entries(wanted)
    .filter(([path, entry]) => {
      if (path === '' || entry.link) return false;
      const present = installed[path];
      if (!present) return !entry.optional && !entry.devOptional;
      if (present.version !== entry.version || present.integrity !== entry.integrity) return true;
      return !existsSync(join(root, path, 'package.json'));
    })
    .map(([path]) => path);
}

/** @param {import('./context.mjs').Context} context */
export function packagesCurrent({ root, state }) {
  const stamp = readStamp(state, STAMP);
  const now = fingerprint(root);
  if (stamp === null || stamp.lock !== now.lock || stamp.installed !== now.installed) return false;
  return Object.keys(readJson(installedList(root))?.packages ?? {}).every((path) =>
    existsSync(join(root, path, 'package.json')),
  );
}

/**
 * @param {string} output of npm
 * @returns {SetupError}
 */
export function explainNpm(output) {
  const again = 'run the command again';
  if (/ENOSPC|no space left/i.test(output)) return diskFull('node_modules');
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network (request|timeout)/i.test(
      output,
    )
  ) {
    return new SetupError(
      'no-network',
      `npm cannot reach its package registry, from which the packages come.\n${lastLines(output, 4)}`,
      `Connect to the network (behind a proxy: npm config set proxy URL) and ${again}.`,
    );
  }
  if (/EACCES|EPERM|EROFS/.test(output)) {
    return new SetupError(
      'not-writable',
      `npm may not write to node_modules.\n${lastLines(output, 4)}`,
      `Give yourself the right to write there and ${again}.`,
    );
  }
  if (/EUSAGE/.test(output)) {
    const differences = output.match(/(Missing|Invalid): .*/g) ?? [];
    return new SetupError(
      'lock-out-of-step',
      `package.json and package-lock.json do not fit each other.\n${differences.slice(0, 5).join('\n')}`,
      `Restore both (git checkout package.json package-lock.json), or run npm install after a change of package.json, and ${again}.`,
    );
  }
  return new SetupError(
    'npm-failed',
    `npm ci failed:\n${lastLines(output)}`,
    `Mend what npm names and ${again}.`,
  );
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {[string, string[]]} how to call npm: the one that runs us, else the one in PATH
 */
function npmCommand(env) {
  if (env.npm_execpath?.endsWith('npm-cli.js') && existsSync(env.npm_execpath)) {
    return [process.execPath, [env.npm_execpath]];
  }
  const npm = which('npm', env);
  if (npm === null) {
    throw new SetupError(
      'no-npm',
      'There is no npm in PATH, which installs the packages.',
      'Install Node with npm, for example from https://nodejs.org, and run the command again.',
    );
  }
  return [npm, []];
}

/**
 * Installs the packages where node_modules is not what the lock file says.
 * @param {import('./context.mjs').Context} context
 * @returns {Promise<boolean>} whether anything was installed
 */
export async function ensurePackages(context) {
  const { root, state, env, print } = context;
  if (packagesCurrent(context)) return false;
  removeStamp(state, STAMP);
  if (missingPackages(root).length === 0) {
    writeStamp(state, STAMP, fingerprint(root));
    return false;
  }
  const [command, first] = npmCommand(env);
  const started = Date.now();
  print.step('packages', 'npm ci: installing the packages that package-lock.json pins');
  const args = [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
  ];
  const { code, output } = await runTool(command, [...first, ...args, '--progress=false'], {
    cwd: root,
    env,
    every: () => print.progress('packages', `npm ci: ${seconds(Date.now() - started)}`),
  });
  if (code !== 0) throw explainNpm(output);
  const missing = missingPackages(root);
  if (missing.length > 0) {
    throw new SetupError(
      'npm-failed',
      `npm ci ended well but left out ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}.`,
      'Remove node_modules and run the command again.',
    );
  }
  writeStamp(state, STAMP, fingerprint(root));
  print.step('packages', `installed in ${seconds(Date.now() - started)}`);
  return true;
}
