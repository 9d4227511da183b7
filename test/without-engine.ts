import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { needsEngine } from '../scripts/setup/engine-tests.mjs';

/**
 * Test files that are run without the engine find none where it is built either: neither in their
 * own process nor in one that they start.
 */
const { testPath } = expect.getState();
if (testPath === undefined) throw new Error('vitest does not name the test file');
const root = join(import.meta.dirname, '..');
if (!needsEngine(relative(root, testPath).split(sep).join('/'))) {
  const refusal = pathToFileURL(join(import.meta.dirname, 'refuse-tensorflow.mjs')).href;
  await import(/* @vite-ignore */ refusal);
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import=${refusal}`.trim();
}
