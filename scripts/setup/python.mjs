// @ts-check
import { SetupError } from './errors.mjs';
import { runTool, which } from './process.mjs';
import { installCommand } from './remedies.mjs';

const OLDEST = [3, 8];

const forTensorflow = "set-up needs it to fetch TensorFlow's library and to build the addon";

/**
 * @param {import('./context.mjs').Context} context
 * @param {string} [why] it is needed: a clause
 * @returns {Promise<string>} a Python that is new enough
 */
export async function findPython({ root, env, platform }, why = forTensorflow) {
  const names = env.PYTHON ? [env.PYTHON] : ['python3', 'python'];
  for (const name of names) {
    const path = which(name, env);
    if (path === null) continue;
    const script = 'import sys; print("python %d.%d" % sys.version_info[:2])';
    const { code, output } = await runTool(path, ['-c', script], { cwd: root, env });
    const version = /^python (\d+)\.(\d+)/m.exec(output);
    if (code !== 0 || !version) continue;
    const [major, minor] = [Number(version[1]), Number(version[2])];
    if (major > 3 || (major === 3 && minor >= (OLDEST[1] ?? 0))) return path;
  }
  throw new SetupError(
    'no-python',
    `There is no Python ${OLDEST.join('.')} or later${env.PYTHON ? ` at PYTHON=${env.PYTHON}` : ' in PATH'}: ${why}.`,
    `${installCommand({ env, platform }, 'python')}, then run the command again.`,
  );
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {string} python
 * @param {string} [what] it fetches
 */
export async function checkPip({ root, env, platform }, python, what = "TensorFlow's library") {
  const { code, output } = await runTool(python, ['-m', 'pip', '--version'], { cwd: root, env });
  if (code === 0) return;
  throw new SetupError(
    'no-pip',
    `${python} has no working pip, which fetches ${what}: ${output.trim().split('\n').at(-1) ?? ''}`,
    `${installCommand({ env, platform }, 'pip')} (or: ${python} -m ensurepip --user), then run the command again.`,
  );
}
