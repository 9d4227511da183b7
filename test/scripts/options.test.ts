import { describe, expect, it } from 'vitest';
import { electronBinary, electronObstacle, recentFailure } from '../../scripts/setup/electron.mjs';
import { takeSetupOptions } from '../../scripts/setup/options.mjs';
import { readStartOptions } from '../../scripts/setup/start-options.mjs';
import { readTestOptions } from '../../scripts/setup/test-options.mjs';
import { temporaryFolder, write } from './support';
import { join } from 'node:path';

describe('options of set-up', () => {
  it('are taken out, and the rest keeps its order', () => {
    expect(takeSetupOptions(['roar', '--gpu', '--out', 'x', '--no-engine'])).toEqual({
      engine: 'without',
      variant: 'cuda',
      rest: ['roar', '--out', 'x'],
    });
    expect(takeSetupOptions(['--cpu']).variant).toBe('cpu');
    expect(takeSetupOptions(['a', '--', '--cpu'])).toEqual({
      engine: 'bring',
      variant: null,
      rest: ['a', '--', '--cpu'],
    });
  });

  it('refuse what excludes itself', () => {
    expect(() => takeSetupOptions(['--gpu', '--cpu'])).toThrow('exclude each other');
  });
});

describe('options of npm start', () => {
  it('are those of both shells', () => {
    expect(readStartOptions([])).toEqual({
      engine: 'bring',
      variant: null,
      browser: false,
      electron: false,
      open: true,
      help: false,
      port: null,
      data: null,
    });
    const options = readStartOptions([
      '--data',
      '/d',
      '--port',
      '8080',
      '--no-open',
      '--no-engine',
    ]);
    expect(options).toMatchObject({ data: '/d', port: '8080', open: false, engine: 'without' });
  });

  it('take the browser shell where one of its own is given', () => {
    for (const args of [['--browser'], ['--port', '0'], ['--no-open']]) {
      expect(readStartOptions(args).browser, args.join(' ')).toBe(true);
    }
  });

  it.each([
    [['--port', 'x'], '--port x: accepted is a whole number from 0'],
    [['--port', '65536'], '--port 65536'],
    [['--data', ''], '--data: give a directory'],
    [['--data', ' '], '--data: give a directory'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['stray'], 'stray'],
    [['--electron', '--browser'], '--electron excludes'],
  ])('refuse %j', (args, message) => {
    expect(() => readStartOptions(args)).toThrow(message);
  });
});

describe('arguments of npm test', () => {
  it('choose the runner and filter its files', () => {
    expect(readTestOptions([])).toEqual({ runners: ['unit', 'e2e'], filters: [] });
    expect(readTestOptions(['e2e', 'roar'])).toEqual({ runners: ['e2e'], filters: ['roar'] });
    expect(readTestOptions(['unit'])).toEqual({ runners: ['unit'], filters: [] });
    expect(readTestOptions(['engine/'])).toEqual({ runners: ['unit'], filters: ['engine/'] });
    expect(() => readTestOptions(['--watch'])).toThrow('Unknown option --watch');
  });
});

describe('the shell that opens', () => {
  const linux = { platform: 'linux' as const, env: { DISPLAY: ':0' }, user: 1000 };

  it('is not Electron without a display or as root, and the reason is said', () => {
    expect(electronObstacle(linux)).toBeNull();
    expect(electronObstacle({ ...linux, env: { WAYLAND_DISPLAY: 'wayland-0' } })).toBeNull();
    expect(electronObstacle({ ...linux, env: {} })).toBe('there is no display');
    expect(electronObstacle({ ...linux, user: 0 })).toContain('root');
    expect(electronObstacle({ platform: 'darwin', env: {}, user: 501 })).toBeNull();
  });

  it('is Electron only where its binary is whole and of the pinned version', () => {
    const root = temporaryFolder();
    const home = join(root, 'node_modules', 'electron');
    expect(electronBinary(root)).toBeNull();
    write(join(home, 'package.json'), '{"version": "45.0.0"}');
    write(join(home, 'path.txt'), 'electron');
    const binary = write(join(home, 'dist', 'electron'), '');
    write(join(home, 'dist', 'version'), 'v44.0.0');
    expect(electronBinary(root)).toBeNull();
    write(join(home, 'dist', 'version'), '45.0.0');
    expect(electronBinary(root)).toBe(binary);
  });

  it('remembers a failed download for a day and for one version', () => {
    const state = temporaryFolder();
    const note = { version: '45.0.0', at: 1000, why: 'no network' };
    expect(recentFailure(state, '45.0.0', 1000)).toBeNull();
    write(join(state, 'electron-failure.json'), JSON.stringify(note));
    expect(recentFailure(state, '45.0.0', 1000 + 23 * 3600e3)).toBe('no network');
    expect(recentFailure(state, '45.0.0', 1000 + 25 * 3600e3)).toBeNull();
    expect(recentFailure(state, '46.0.0', 1000)).toBeNull();
  });
});
