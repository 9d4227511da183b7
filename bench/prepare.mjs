import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

/**
 * The peer's own virtual environment, made once for each list of requirements.
 *
 * @param own of what: its list is requirements-OWN.txt; default the bench's
 */
export function pythonWithTorch(bench, own = '') {
  const requirements = join(bench, own ? `requirements-${own}.txt` : 'requirements.txt');
  const folder = join(bench, '.venv', own || 'peer');
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'requirements.sha256');
  const lists = [join(bench, 'requirements.txt'), requirements].map((file) => readFileSync(file));
  const hash = createHash('sha256').update(Buffer.concat(lists)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return python;
  console.error('bench: making a virtual environment with PyTorch and Captum (once, large) …');
  rmSync(folder, { recursive: true, force: true });
  run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  writeFileSync(stamp, hash);
  return python;
}

function run(file, args) {
  const { status, error } = spawnSync(file, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    throw new Error(`bench: ${file} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
  }
}

/** A file of this folder, `NAME.ts`, as one that Node runs; packages stay outside. */
export async function bundleForNode(root, name) {
  const outDir = join(root, 'bench', '.cache');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(root, 'bench', `${name}.ts`),
      outDir,
      emptyOutDir: false,
      target: 'node24',
      rollupOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
  return join(outDir, `${name}.mjs`);
}
