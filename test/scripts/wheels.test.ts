import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/setup/context.mjs';
import { matcher } from '../../scripts/setup/unpack.mjs';
import {
  checkSystemLibrary,
  chooseVariant,
  hasNvidiaDriver,
  wheelSet,
} from '../../scripts/setup/wheels.mjs';
import { temporaryFolder, write } from './support';

describe('the choice between the processor and CUDA', () => {
  const wishes = { requested: null, remembered: null, driver: false };

  it('takes CUDA where a driver is found and the processor elsewhere', () => {
    expect(chooseVariant(wishes)).toBe('cpu');
    expect(chooseVariant({ ...wishes, driver: true })).toBe('cuda');
  });

  it('lets an option win over an earlier one, and that over the driver', () => {
    expect(chooseVariant({ ...wishes, requested: 'cpu', driver: true })).toBe('cpu');
    expect(chooseVariant({ ...wishes, requested: 'cuda', remembered: 'cpu' })).toBe('cuda');
    expect(chooseVariant({ ...wishes, remembered: 'cpu', driver: true })).toBe('cpu');
  });

  it('sees a driver by its kernel module or by nvidia-smi, on Linux alone', () => {
    const folder = temporaryFolder();
    write(join(folder, 'bin', 'nvidia-smi'), '#!/bin/sh\n', 0o755);
    const module = (path: string) => path === '/proc/driver/nvidia/version';
    const without = () => false;
    const empty = { env: { PATH: folder }, platform: 'linux' as const };
    const withTool = { ...empty, env: { PATH: join(folder, 'bin') } };
    expect(hasNvidiaDriver(empty, module)).toBe(true);
    expect(hasNvidiaDriver(withTool, without)).toBe(true);
    expect(hasNvidiaDriver(empty, without)).toBe(false);
    expect(hasNvidiaDriver({ ...withTool, platform: 'darwin' }, module)).toBe(false);
  });
});

describe('the pinned wheels', () => {
  const set = (platform: string, arch: string, variant: 'cpu' | 'cuda') =>
    wheelSet(repositoryRoot, { platform, arch, variant });

  it('are one for a processor, by platform', () => {
    expect(set('linux', 'x64', 'cpu').wheels.map((wheel) => wheel.file)).toEqual([
      'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    ]);
    expect(set('darwin', 'arm64', 'cpu').wheels.map((wheel) => wheel.file)).toEqual([
      'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
    ]);
  });

  it('bring for CUDA every library that the and-cuda extra names', () => {
    const names = set('linux', 'x64', 'cuda').wheels.map((wheel) => wheel.name);
    expect(names).toEqual([
      'tensorflow',
      ...['cublas', 'cuda-cupti', 'cuda-nvcc', 'cuda-nvrtc', 'cuda-runtime', 'cudnn', 'cufft'].map(
        (name) => `nvidia-${name}-cu12`,
      ),
      ...['curand', 'cusolver', 'cusparse', 'nccl', 'nvjitlink'].map(
        (name) => `nvidia-${name}-cu12`,
      ),
    ]);
  });

  it('are named to the byte and link every library that the addon looks for', () => {
    const pins = JSON.parse(
      readFileSync(join(repositoryRoot, 'resources/tensorflow/wheels.json'), 'utf8'),
    );
    for (const key of Object.keys(pins.variants)) {
      const [platform = '', arch = '', variant] = key.split('-');
      const { wheels, links, members } = set(platform, arch, variant === 'cuda' ? 'cuda' : 'cpu');
      for (const wheel of wheels) {
        expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(wheel.bytes).toBeGreaterThan(1e6);
        expect(wheel.file).toContain(wheel.version);
        expect(wheel.file).toContain(wheel.pip.platform);
        expect(members[wheel.members]?.length).toBeGreaterThan(0);
      }
      const libraries = members[wheels[0]?.members ?? ''] ?? [];
      for (const target of Object.values(links))
        expect(libraries).toContain(`tensorflow/${target}`);
    }
  });

  it.each([
    ['win32', 'x64', 'Windows'],
    ['linux', 'arm64', 'ARM'],
    ['darwin', 'x64', 'Intel'],
    ['freebsd', 'x64', 'freebsd-x64'],
  ])('are refused on %s %s, with the reason', (platform, arch, reason) => {
    expect(() => set(platform, arch, 'cpu')).toThrow(reason);
  });

  it('are refused for CUDA on macOS, with the way out', () => {
    expect(() => set('darwin', 'arm64', 'cuda')).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('--cpu') }),
    );
  });

  it('want glibc 2.27 on Linux', () => {
    expect(() => checkSystemLibrary('linux', '2.27')).not.toThrow();
    expect(() => checkSystemLibrary('linux', '3.0')).not.toThrow();
    expect(() => checkSystemLibrary('linux', '2.26')).toThrow('this system has glibc 2.26');
    expect(() => checkSystemLibrary('linux', undefined)).toThrow('musl');
    expect(() => checkSystemLibrary('darwin', undefined)).not.toThrow();
  });
});

describe('patterns of members', () => {
  it('keep a star inside one folder and let two stars cross folders', () => {
    expect(matcher('nvidia/*/lib/*.so*').test('nvidia/cudnn/lib/libcudnn.so.9')).toBe(true);
    expect(matcher('nvidia/*/lib/*.so*').test('nvidia/cudnn/lib/deep/libcudnn.so.9')).toBe(false);
    expect(matcher('nvidia/*/lib/*.so*').test('nvidia/cudnn/lib/libcudart_static.a')).toBe(false);
    expect(matcher('a/c/**/*.h').test('a/c/api.h')).toBe(true);
    expect(matcher('a/c/**/*.h').test('a/c/x/y/api.h')).toBe(true);
    expect(matcher('a/c/**/*.h').test('b/a/c/api.h')).toBe(false);
    expect(matcher('lib.so').test('libxso')).toBe(false);
  });
});
