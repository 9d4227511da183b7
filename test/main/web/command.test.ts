import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openingCommand } from '../../../src/main/web/open-browser';
import { parseWebOptions } from '../../../src/main/web/options';
import { onShutdown } from '../../../src/main/web/shutdown';

describe('options', () => {
  beforeEach(() => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(() => vi.restoreAllMocks());

  test('nothing given: a free port, the user’s data, a browser and the engine', () => {
    expect(parseWebOptions([])).toEqual({ port: 0, data: null, open: true, engine: true });
  });

  test('everything given', () => {
    expect(
      parseWebOptions(['--port', '8080', '--data', '/data', '--no-open', '--no-engine']),
    ).toEqual({ port: 8080, data: '/data', open: false, engine: false });
  });

  test.each([['--port', 'x'], ['--port', '65536'], ['--port', '-1'], ['--what'], ['extra']])(
    '%s %s is bad usage',
    (...argv) => {
      expect(parseWebOptions(argv)).toEqual({ exit: 2 });
    },
  );

  test('help is no failure', () => {
    expect(parseWebOptions(['--help'])).toEqual({ exit: 0 });
  });
});

describe('opening a browser', () => {
  const url = 'http://127.0.0.1:1/?token=x';

  test('only where there is a display', () => {
    expect(openingCommand(url, { platform: 'linux', env: {} })).toBeNull();
    expect(openingCommand(url, { platform: 'darwin', env: { SSH_CONNECTION: 'x' } })).toBeNull();
    expect(openingCommand(url, { platform: 'linux', env: { DISPLAY: ':0' } })).toEqual({
      file: 'xdg-open',
      args: [url],
    });
    expect(openingCommand(url, { platform: 'linux', env: { WAYLAND_DISPLAY: 'w' } })?.file).toBe(
      'xdg-open',
    );
    expect(openingCommand(url, { platform: 'darwin', env: {} })?.file).toBe('open');
    expect(openingCommand(url, { platform: 'win32', env: {} })?.args).toContain('start');
  });
});

describe('ending', () => {
  function ending(stop: () => Promise<void>) {
    const source = new EventEmitter();
    const exits: number[] = [];
    const said: string[] = [];
    onShutdown({
      source,
      stop,
      exit: (code) => exits.push(code),
      say: (text) => said.push(text),
    });
    return { source, exits, said };
  }

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s stops in good order with exit 0', async (name) => {
    let parked: () => void = () => undefined;
    const { source, exits, said } = ending(() => new Promise((resolve) => (parked = resolve)));
    source.emit(name);
    expect(said[0]).toContain('Parking');
    expect(exits).toEqual([]);
    parked();
    await expect.poll(() => exits).toEqual([0]);
  });

  test('a second signal ends at once', () => {
    const { source, exits } = ending(() => new Promise(() => undefined));
    source.emit('SIGINT');
    source.emit('SIGTERM');
    expect(exits).toEqual([130]);
  });

  test('what goes wrong while ending is said, with exit 1', async () => {
    const { source, exits, said } = ending(async () => {
      throw new Error('the disk is gone');
    });
    source.emit('SIGTERM');
    await expect.poll(() => exits).toEqual([1]);
    expect(said.at(-1)).toBe('the disk is gone');
  });
});
