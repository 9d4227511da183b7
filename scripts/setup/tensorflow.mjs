// @ts-check
import { ensureWheels, wheelDirectory, wheelsComplete } from './wheel-folder.mjs';

/**
 * TensorFlow's library in the per-user cache:
 *   tensorflow/<id>/tensorflow/…      the library and the headers of its C interface
 *   tensorflow/<id>/nvidia/NAME/lib/… for CUDA, where the library's run path looks for them
 *   tensorflow/<id>/complete.json     every file with its size
 */

const kind = 'tensorflow';

/** @type {import('./download.mjs').Purpose} */
const purpose = { title: 'TensorFlow', command: 'npm run setup' };

/** @param {string} cache @param {import('./wheels.mjs').WheelSet} set */
export function tensorflowDirectory(cache, { id }) {
  return wheelDirectory(cache, { kind, id });
}

/**
 * @param {string} cache
 * @param {import('./wheels.mjs').WheelSet} set
 * @returns {boolean} whether all of it is there, to the byte count
 */
export function tensorflowComplete(cache, { id }) {
  return wheelsComplete(cache, { kind, id });
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {import('./wheels.mjs').WheelSet} set
 * @param {import('./wheel-folder.mjs').WheelTools} tools
 * @returns {Promise<string>} the folder with tensorflow/ (and nvidia/)
 */
export async function ensureTensorflow(context, set, tools) {
  if (tensorflowComplete(context.cache, set)) return tensorflowDirectory(context.cache, set);
  const { id, wheels, members } = set;
  const folder = await ensureWheels(context, { kind, id, wheels, members, purpose }, tools);
  context.print.step(purpose.title, `${set.tensorflow} (${set.variant}) is in ${folder}`);
  return folder;
}
