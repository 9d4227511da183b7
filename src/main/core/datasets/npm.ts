import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** What finding npm looks at. */
export interface NpmPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Node binaries beside which npm may stand. */
  readonly nodes: readonly string[];
}

/**
 * npm's own script, to be run with a Node of ours: the npm that started this program, the one beside
 * a Node binary, or the one on the PATH. Null where there is none.
 */
export function findNpm({ env, nodes }: NpmPlaces): string | null {
  const started = env['npm_execpath'];
  if (started && isNpm(started)) return started;
  const onPath = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(Boolean);
  for (const folder of [...nodes.map((node) => dirname(node)), ...onPath]) {
    const found = npmOfFolder(folder);
    if (found) return found;
  }
  return null;
}

/** A folder of programs: npm's packages lie beside it (Unix) or in it (Windows). */
function npmOfFolder(folder: string): string | null {
  const script = join('node_modules', 'npm', 'bin', 'npm-cli.js');
  const candidates = [join(folder, '..', 'lib', script), join(folder, script), join(folder, 'npm')];
  for (const candidate of candidates) {
    if (!existsSync(candidate)) continue;
    const real = realpathSync(candidate);
    if (isNpm(real)) return real;
  }
  return null;
}

/** Other package managers set npm_execpath too, and a PATH may hold shell scripts named npm. */
function isNpm(path: string): boolean {
  return /npm-cli\.(c?js|mjs)$/.test(path) && existsSync(path);
}
