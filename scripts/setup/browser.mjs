// @ts-check
import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { SetupError, explainDisk } from './errors.mjs';
import { readJson } from './files.mjs';
import { withLock } from './lock.mjs';
import { which } from './process.mjs';

/**
 * A Chromium for the end-to-end tests: an installed one, else the one inside the package
 * @sparticuz/chromium, unpacked once into the cache.
 */

const NAMES = [
  'google-chrome',
  'google-chrome-stable',
  'chromium',
  'chromium-browser',
  'microsoft-edge',
];
const MAC_APPS = ['Google Chrome', 'Chromium', 'Microsoft Edge'];

/** @param {import('./context.mjs').Context} context */
function candidates({ env, platform }) {
  const named = [env.SALIENCY_STUDIO_CHROMIUM, env.CHROME_PATH];
  const installed =
    platform === 'darwin'
      ? MAC_APPS.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`)
      : NAMES.map((name) => which(name, env));
  return [...named, ...installed].flatMap((path) => (path && existsSync(path) ? [path] : []));
}

/** @param {string} path a name may belong to a placeholder that only offers to install it */
function starts(path) {
  try {
    return /\d+\.\d+/.test(
      execFileSync(path, ['--version'], { encoding: 'utf8', stdio: 'pipe', timeout: 20_000 }),
    );
  } catch {
    return false;
  }
}

/**
 * @param {import('./context.mjs').Context} context
 * @returns {Promise<string>} the path of a Chromium that starts
 * @throws {SetupError} no-browser
 */
export async function ensureBrowser(context) {
  const installed = candidates(context).find(starts);
  if (installed) return installed;
  const { platform, arch } = context;
  if (platform === 'linux' && arch === 'x64') {
    const path = await unpackChromium(context);
    if (starts(path)) return path;
  }
  throw new SetupError(
    'no-browser',
    'There is no Chromium, Chrome or Edge that starts, which the end-to-end tests drive.',
    'Install one, or set SALIENCY_STUDIO_CHROMIUM to its path, and run the command again.',
  );
}

/** @param {import('./context.mjs').Context} context */
async function unpackChromium({ root, cache, print }) {
  const home = join(root, 'node_modules', '@sparticuz', 'chromium');
  const version = readJson(join(home, 'package.json'))?.version ?? 'unknown';
  const final = join(cache, 'chromium', version);
  const starter = join(final, 'start');
  if (existsSync(starter)) return starter;
  const onWait = () => print.step('browser', 'another set-up is filling the cache; waiting for it');
  return withLock(join(cache, 'lock'), { onWait }, async () => {
    if (existsSync(starter)) return starter;
    const partial = join(cache, 'partial', `chromium-${version}`);
    print.step('browser', `unpacking Chromium ${version} for the end-to-end tests`);
    try {
      rmSync(partial, { recursive: true, force: true });
      mkdirSync(partial, { recursive: true });
      await pipeline(
        createReadStream(join(home, 'bin', 'chromium.br')),
        createBrotliDecompress(),
        createWriteStream(join(partial, 'chromium'), { mode: 0o755 }),
      );
      await untar(join(home, 'bin', 'al2023.tar.br'), join(partial, 'libraries'));
      await untar(join(home, 'bin', 'fonts.tar.br'), join(partial, 'fonts'));
      writeFileSync(join(partial, 'fonts.conf'), fontSettings(final));
      writeFileSync(join(partial, 'start'), starterScript(final), { mode: 0o755 });
      mkdirSync(dirname(final), { recursive: true });
      rmSync(final, { recursive: true, force: true });
      renameSync(partial, final);
    } catch (error) {
      throw explainDisk(error, cache);
    }
    return starter;
  });
}

/** @param {string} file @param {string} into */
async function untar(file, into) {
  const { extract } = await import('tar-stream');
  const archive = extract();
  const finished = pipeline(createReadStream(file), createBrotliDecompress(), archive);
  for await (const entry of archive) {
    const target = join(into, entry.header.name);
    if (!target.startsWith(into)) throw new Error(`${file} holds ${entry.header.name}`);
    if (entry.header.type === 'file') {
      mkdirSync(dirname(target), { recursive: true });
      await pipeline(entry, createWriteStream(target, { mode: 0o644 }));
    } else {
      entry.resume();
    }
  }
  await finished;
}

/** The system's fonts where it has any, and the one that comes with the package.
 * @param {string} home */
function fontSettings(home) {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${home}/fonts</dir>
  <cachedir>${home}/font-cache</cachedir>
</fontconfig>
`;
}

/** The package's own system libraries are used only where the system lacks one of them.
 * @param {string} home */
function starterScript(home) {
  return `#!/bin/sh
home='${home.replaceAll("'", String.raw`'\''`)}'
if ldd "$home/chromium" 2>/dev/null | grep -q 'not found'; then
  export LD_LIBRARY_PATH="$home/libraries/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
export FONTCONFIG_FILE="$home/fonts.conf"
exec "$home/chromium" "$@"
`;
}
