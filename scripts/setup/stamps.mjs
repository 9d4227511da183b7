// @ts-check
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeAtomically } from './files.mjs';

/**
 * A stamp says that a step is done and for which inputs. It is removed before the step
 * begins and written after it ends, so an interrupted step is never taken for a finished one.
 * @param {string} state
 * @param {string} name
 */
function stampFile(state, name) {
  return join(state, `${name}.stamp.json`);
}

/**
 * @param {string} state
 * @param {string} name
 * @returns {Record<string, any> | null}
 */
export function readStamp(state, name) {
  const stamp = readJson(stampFile(state, name));
  return stamp !== null && typeof stamp === 'object' ? stamp : null;
}

/**
 * @param {string} state
 * @param {string} name
 * @param {Record<string, unknown>} content
 */
export function writeStamp(state, name, content) {
  writeAtomically(stampFile(state, name), `${JSON.stringify(content, null, 2)}\n`);
}

/** @param {string} state @param {string} name */
export function removeStamp(state, name) {
  rmSync(stampFile(state, name), { force: true });
}
