import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'rolldown';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';

/**
 * Bundle sources as the product's build does, packages left out, into a folder under the package's
 * root (so that packages resolve), and out of the way of a build. The caller deletes the folder.
 */
export async function bundle(
  entries: Record<string, string>,
): Promise<{ folder: string; remove: () => Promise<void> }> {
  const { root } = installedFiles();
  const parent = join(root, 'node_modules', '.cache', 'saliency-studio-tests');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'bundle-'));
  await build({
    cwd: root,
    input: entries,
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
    output: { dir: folder, format: 'esm', entryFileNames: '[name].js' },
    logLevel: 'silent',
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
