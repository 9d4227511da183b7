// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, diskFull } from './errors.mjs';
import { hashOfTree } from './files.mjs';
import { environmentFor } from './node-runtime.mjs';
import { seconds } from './print.mjs';
import { lastLines, runTool, withoutNpmSettings } from './process.mjs';
import { readStamp, removeStamp, writeStamp } from './stamps.mjs';

const STAMP = 'app';

/** Whatever the built application depends on. */
const INPUTS = [
  'src',
  'db',
  'resources',
  'electron.vite.config.ts',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];

const OUTPUTS = [
  'out/main/electron.js',
  'out/main/web.js',
  'out/main/cli.js',
  'out/main/engine.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
];

/** @param {string} root */
function outputsThere(root) {
  return OUTPUTS.every((file) => existsSync(join(root, file)));
}

/** @param {import('./context.mjs').Context} context */
export function appCurrent({ root, state }) {
  return outputsThere(root) && readStamp(state, STAMP)?.inputs === hashOfTree(root, INPUTS);
}

/**
 * Builds the application where its sources are not those of the last build.
 * @param {import('./context.mjs').Context} context
 * @param {import('./node-runtime.mjs').NodeRuntime} node
 */
export async function ensureApp(context, node) {
  const { root, state, print } = context;
  const inputs = hashOfTree(root, INPUTS);
  if (outputsThere(root) && readStamp(state, STAMP)?.inputs === inputs) return;
  removeStamp(state, STAMP);
  const started = Date.now();
  print.step('app', 'building');
  const builder = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const { code, output } = await runTool(node.path, [builder, 'build'], {
    cwd: root,
    env: { ...withoutNpmSettings(environmentFor(context, node)), NO_COLOR: '1' },
    every: () => print.progress('app', `building: ${seconds(Date.now() - started)}`),
  });
  if (code !== 0 && /ENOSPC/.test(output)) throw diskFull(join(root, 'out'));
  if (code !== 0 || !outputsThere(root)) {
    const missing = OUTPUTS.filter((file) => !existsSync(join(root, file)));
    const lack = missing.length > 0 ? ` (missing: ${missing.join(', ')})` : '';
    throw new SetupError(
      'build-failed',
      `The application does not build${lack}:\n${lastLines(output, 20)}`,
      'Mend what the build names (npm run check says more) and run the command again.',
    );
  }
  writeStamp(state, STAMP, { inputs });
  print.step('app', `built in ${seconds(Date.now() - started)}`);
}
