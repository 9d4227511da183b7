// @ts-check
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, diskFull } from './errors.mjs';
import { hashOfTree } from './files.mjs';
import { compiledCode, environmentFor } from './node-runtime.mjs';
import { seconds } from './print.mjs';
import { lastLines, runTool, withoutNpmSettings } from './process.mjs';
import { readStamp, removeStamp, writeStamp } from './stamps.mjs';

const STAMP = 'app';

/** Whatever the built application depends on. */
export const INPUTS = [
  'src',
  'db',
  'resources',
  'electron.vite.config.ts',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];

export const OUTPUTS = [
  'main/electron.js',
  'main/web.js',
  'main/cli.js',
  'main/engine.js',
  'main/thread.js',
  'preload/index.cjs',
  'renderer/index.html',
  'renderer/rating.html',
];

/**
 * @param {string} out the folder out/, or where it is being built
 * @returns {string[]}
 */
function missingOutputs(out) {
  return OUTPUTS.filter((file) => !existsSync(join(out, file)));
}

/** @param {import('./context.mjs').Context} context */
export function appCurrent({ root, state }) {
  if (missingOutputs(join(root, 'out')).length > 0) return false;
  return readStamp(state, STAMP)?.inputs === hashOfTree(root, INPUTS);
}

/**
 * Builds the application where its sources are not those of the last build.
 * @param {import('./context.mjs').Context} context
 * @param {import('./node-runtime.mjs').NodeRuntime} node
 */
export async function ensureApp(context, node) {
  const { root, state, print } = context;
  if (appCurrent(context)) return;
  removeStamp(state, STAMP);
  const inputs = hashOfTree(root, INPUTS);
  const out = join(root, 'out');
  const fresh = join(state, 'out');
  rmSync(fresh, { recursive: true, force: true });
  const started = Date.now();
  print.step('app', 'building');
  const builder = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const { code, output } = await runTool(node.path, [builder, 'build'], {
    cwd: root,
    env: {
      ...withoutNpmSettings(environmentFor(context, node)),
      NO_COLOR: '1',
      SALIENCY_STUDIO_OUT: fresh,
    },
    every: () => print.progress('app', `building: ${seconds(Date.now() - started)}`),
  });
  if (code !== 0 && /ENOSPC/.test(output)) throw diskFull(fresh);
  const missing = missingOutputs(fresh);
  if (code !== 0 || missing.length > 0) {
    const lack = code === 0 ? ` (missing: ${missing.join(', ')})` : '';
    throw new SetupError(
      'build-failed',
      `The application does not build${lack}:\n${lastLines(output, 20)}`,
      'Mend what the build names (npm run check says more) and run the command again.',
    );
  }
  const old = join(state, 'out.old');
  rmSync(old, { recursive: true, force: true });
  if (existsSync(out)) renameSync(out, old);
  renameSync(fresh, out);
  rmSync(old, { recursive: true, force: true });
  // What was compiled of the build before is of no more use.
  rmSync(compiledCode(state), { recursive: true, force: true });
  writeStamp(state, STAMP, { inputs });
  print.step('app', `built in ${seconds(Date.now() - started)}`);
}
