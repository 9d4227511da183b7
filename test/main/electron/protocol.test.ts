import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../../src/shared/content-security';
import {
  createAppProtocol,
  fileFor,
  isAppUrl,
  privileges,
} from '../../../src/main/electron/protocol';
import { parseDesktopOptions } from '../../../src/main/electron/options';
import {
  defaultWindowState,
  readWindowState,
  writeWindowState,
} from '../../../src/main/electron/window-state';

let folder: string;
let renderer: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-protocol-'));
  renderer = join(folder, 'renderer');
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(join(renderer, 'index.html'), '<!doctype html><title>the app</title>');
  writeFileSync(join(renderer, 'assets', 'a b.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'not for the page');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = (url: string, init?: RequestInit) =>
  createAppProtocol(renderer)(new Request(url, init));

describe('studio://app/', () => {
  test.each(['studio://app/index.html', 'studio://app/', 'studio://app/index.html?x#/roar'])(
    '%s is the app, under the strict policy',
    async (url) => {
      const answer = await ask(url);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('the app');
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy());
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  test('scripts have their type, whatever is in their name', async () => {
    const answer = await ask('studio://app/assets/a%20b.js');
    expect(answer.headers.get('content-type')).toContain('text/javascript');
    expect(await answer.text()).toBe('export {};');
  });

  test.each([
    'studio://app/../secret.txt',
    'studio://app/%2e%2e/secret.txt',
    'studio://app/..%2fsecret.txt',
    'studio://app/assets/..%2f..%2fsecret.txt',
    'studio://app/..%5csecret.txt',
    'studio://app/assets/%00',
    'studio://app/%2f%2fetc/passwd',
    'studio://app//etc/passwd',
    'studio://app/%E0%A4%A',
    'studio://app/.hidden',
    'studio://other/index.html',
    'studio://app.evil.example/index.html',
  ])('%s reaches nothing outside the renderer', async (url) => {
    const answer = await ask(url);
    expect([403, 404]).toContain(answer.status);
    expect(await answer.text()).not.toMatch(/not for the page|root:/);
    expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy());
  });

  test('a missing file is missing, and only GET is answered', async () => {
    expect((await ask('studio://app/assets/gone.js')).status).toBe(404);
    expect((await ask('studio://app/', { method: 'POST' })).status).toBe(405);
  });

  test('a folder that begins with the renderer’s name is outside it', () => {
    const file = fileFor(join(folder, 'rend'), 'studio://app/../renderer/index.html');
    expect(file === null || file.startsWith(join(folder, 'rend', '/'))).toBe(true);
  });

  test('only our own scheme and host are ours', () => {
    expect(isAppUrl('studio://app/index.html')).toBe(true);
    for (const url of ['studio://App2/', 'https://app/', 'studio:app', '', 'app']) {
      expect(isAppUrl(url)).toBe(false);
    }
  });

  test('the scheme has an origin and does not go around the policy', () => {
    expect(privileges.privileges).toMatchObject({ standard: true, secure: true });
    expect(privileges.privileges).not.toHaveProperty('bypassCSP');
    expect(privileges.privileges).not.toHaveProperty('corsEnabled');
  });
});

test('the command line is read beside Chromium’s own switches', () => {
  expect(parseDesktopOptions(['.', '--data', '/data', '--no-sandbox', '--no-engine'])).toEqual({
    data: '/data',
    engine: false,
  });
  expect(parseDesktopOptions(['.', '--data=/data'])).toEqual({ data: '/data', engine: true });
  // Not the default place: an empty name is refused with the reason.
  expect(parseDesktopOptions(['.', '--data'])).toEqual({ data: '', engine: true });
  expect(parseDesktopOptions([])).toEqual({ data: null, engine: true });
});

test('the window’s state is kept in a file, and a broken file is no obstacle', () => {
  const path = join(folder, 'desktop', 'window.json');
  expect(readWindowState(path)).toEqual(defaultWindowState);
  const state = { x: 1, y: 2, width: 800, height: 600, maximised: true };
  writeWindowState(path, state);
  expect(readWindowState(path)).toEqual(state);
  writeFileSync(path, '{"width": -5}');
  expect(readWindowState(path)).toEqual(defaultWindowState);
});
