import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileAddon } from '../../scripts/setup/addon.mjs';
import { createContext, repositoryRoot } from '../../scripts/setup/context.mjs';
import { findNode } from '../../scripts/setup/node-runtime.mjs';
import { checkRoot, isPlain, makePlainFolder } from '../../scripts/setup/path-names.mjs';
import { findPython } from '../../scripts/setup/python.mjs';
import { setupContext, temporaryFolder, write } from './support';

const odd = `it's "50%" $off; #1 & (öß) 中`;

describe('where set-up works', () => {
  it.each(['#', '?', ':'])('a clone whose path holds %s is refused by name', (character) => {
    expect(() => checkRoot({ root: `/home/a${character}b/studio` })).toThrow(
      `/home/a${character}b/studio cannot be worked in`,
    );
  });

  it('any other clone is taken', () => {
    expect(() => checkRoot({ root: `/home/${odd.replace('#', '')}/studio` })).not.toThrow();
  });

  it('compiles in the cache where make can bear its path, else elsewhere', () => {
    const { context } = setupContext();
    const inCache = makePlainFolder(context, 'plain');
    expect(inCache.startsWith(join(context.cache, 'partial', 'plain-'))).toBe(true);
    const elsewhere = makePlainFolder({ ...context, cache: join(context.cache, odd) }, 'plain');
    expect(isPlain(elsewhere)).toBe(true);
    expect(elsewhere).not.toContain(context.cache);
  });

  it('builds an addon from a clone and with a cache whose paths hold anything', async () => {
    const { env } = process;
    const real = createContext();
    const node = findNode(real);
    const folder = join(temporaryFolder(), odd);
    const root = join(folder, 'clone');
    mkdirSync(root, { recursive: true });
    symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
    const source = join(root, 'source');
    write(
      join(source, 'tiny.cc'),
      '#include <node_api.h>\nnapi_value Init(napi_env, napi_value e) { return e; }\nNAPI_MODULE(tiny, Init)\n',
    );
    write(
      join(source, 'binding.gyp'),
      `{'targets': [{'target_name': '<(module_name)', 'sources': ['tiny.cc'],
        'include_dirs': ['<(module_root_dir)/deps/include']},
        {'target_name': 'copy', 'type': 'none', 'dependencies': ['<(module_name)'],
         'copies': [{'files': ['<(PRODUCT_DIR)/<(module_name).node'], 'destination': '<(module_path)'}]}]}`,
    );
    const cache = join(folder, 'cache');
    mkdirSync(join(cache, 'tensorflow', 'include'), { recursive: true });
    const { context } = setupContext();
    const target = join(cache, 'addon', 'key', 'tiny.node');
    const set = { id: 'none', links: {} } as Parameters<typeof compileAddon>[0]['set'];
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('saliency-studio-addon'));
    await compileAddon(
      {
        context: { ...context, root, cache, env },
        node,
        set,
        tensorflow: join(cache, 'tensorflow'),
      },
      {
        name: 'tiny',
        label: 'a tiny addon',
        source,
        parts: ['tiny.cc', 'binding.gyp'],
        version: '1',
      },
      await findPython(real),
      target,
    );
    expect(existsSync(target)).toBe(true);
    // Nothing is left where it was compiled.
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('saliency-studio-addon'));
    expect(after).toEqual(before);
  });
});
