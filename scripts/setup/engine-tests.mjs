// @ts-check
import { join } from 'node:path';
import { filesBelow } from './files.mjs';

/**
 * What works on tensors, what asks the engine's process, and elsewhere what is named
 * NAME.engine.test.ts. TensorFlow is refused to every other file (test/without-engine.ts), so
 * that one which comes to need it says so at its first run.
 * @param {string} path of a test file, from the root, with slashes
 * @returns {boolean} whether it can only pass where TensorFlow is built
 */
export function needsEngine(path) {
  if (path.startsWith('test/engine/')) return !path.startsWith('test/engine/datasets/');
  return path.startsWith('test/main/engine-process/') || path.endsWith('.engine.test.ts');
}

/** @param {string} root @returns {string[]} every file of unit tests, from the root, with slashes */
export function unitTests(root) {
  return filesBelow(join(root, 'test'))
    .filter((path) => path.endsWith('.test.ts') && !path.startsWith('e2e/'))
    .map((path) => `test/${path}`);
}

/**
 * @typedef {{needed: boolean, leftOut: string[]}} EngineUse
 *   needed: set-up is to bring the engine; leftOut: files that were chosen and do not run
 * @param {{files: readonly string[], filters: readonly string[], built: boolean,
 *   refused: boolean}} choice
 *   built: this clone has had the engine; refused: --no-engine
 * @returns {EngineUse} The engine is brought for all files, for a filter that names it or finds
 *   nothing else, and where it has been before. Else the files that need it are left out.
 */
export function engineUse({ files, filters, built, refused }) {
  /** @param {string} filter */
  const finds = (filter) =>
    files.filter((path) => path.toLowerCase().includes(filter.toLowerCase()));
  const chosen = filters.length === 0 ? [...files] : [...new Set(filters.flatMap(finds))];
  const wanting = chosen.filter(needsEngine);
  if (wanting.length === 0) return { needed: false, leftOut: [] };
  const asked =
    filters.length === 0 ||
    filters.some((filter) => {
      const found = finds(filter);
      const named = filter.toLowerCase().includes('engine') && found.some(needsEngine);
      return named || (found.length > 0 && found.every(needsEngine));
    });
  const needed = !refused && (asked || built);
  return { needed, leftOut: needed ? [] : wanting };
}
