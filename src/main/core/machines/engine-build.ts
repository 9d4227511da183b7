import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import { fileFailure, StudioError } from '../../../shared/errors';
import { type InstalledFiles } from '../storage/installed-files';

type Files = Pick<InstalledFiles, 'root' | 'engineEntry'>;

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
});

/**
 * Hash of what an engine is built from, equal on all machines with the same tree: the built code that
 * it loads, the sources of our own kernels (each machine compiles them for itself, and what another
 * compiler does to their sums shows in the probe), and the packages that both stand on.
 *
 * @throws StudioError `engine-unavailable` where it is not built
 */
export async function engineBuild({ root, engineEntry }: Files): Promise<string> {
  const hash = createHash('sha256');
  const kernels = join(root, 'src', 'engine', 'runtime', 'native');
  try {
    for (const [name, text] of await builtCode(engineEntry)) hash.update(`${name}\n${text}\n`);
    for (const name of (await readdir(kernels)).sort()) {
      hash.update(`${name}\n`).update(await readFile(join(kernels, name)));
    }
    const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
    hash.update(canonicalJson(lockSchema.parse(JSON.parse(lock))));
  } catch (error) {
    const { message } = fileFailure(error, root) as Error;
    const remedy = 'npm run setup';
    throw new StudioError(
      {
        code: 'engine-unavailable',
        message: `The build of the engine cannot be told: ${message.replace(/\.$/, '')}. Run \`${remedy}\`.`,
        details: { reason: message, remedy },
      },
      error,
    );
  }
  return hash.digest('hex');
}

/** The entry and all the files that it imports, by their paths beside it, in the order of these. */
async function builtCode(entry: string): Promise<[string, string][]> {
  const found = new Map<string, string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const name = relative(dirname(entry), path).replaceAll('\\', '/');
    if (found.has(name)) continue;
    const text = await readFile(path, 'utf8');
    found.set(name, text);
    for (const [, imported] of text.matchAll(imports)) {
      if (imported !== undefined) waiting.push(join(dirname(path), imported));
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** As the build writes them: `from "./chunks/main.js"` and `import("./chunks/main.js")`. */
const imports = /(?:\bfrom |\bimport ?\(?)"(\.{1,2}\/[^"\n]+\.js)"/g;
