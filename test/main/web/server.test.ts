import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/main/core/app';
import { contentSecurityPolicy } from '../../../src/shared/content-security';
import { get, harness, type Harness } from './harness';
import { stubApp } from '../core/stub-app';

let web: Harness;
const logged: string[] = [];
beforeAll(async () => {
  const log = { ...silentLog, error: (message: string) => void logged.push(message) };
  web = await harness(stubApp({}, { links: new Map([['token-of-a', 'rater_a']]) }), log);
});
afterAll(() => web.end());

describe('who may open the page', () => {
  test('the printed address has a token of 32 bytes and is on 127.0.0.1', () => {
    const url = new URL(web.server.url);
    expect(url.hostname).toBe('127.0.0.1');
    expect(Buffer.from(url.searchParams.get('token') ?? '', 'base64url')).toHaveLength(32);
  });

  test('the token is exchanged for an HttpOnly cookie that links from elsewhere bring, and leaves the address', async () => {
    const { pathname, search } = new URL(web.server.url);
    const answer = await get(web.port, pathname + search);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    expect(cookie).not.toContain(new URL(web.server.url).searchParams.get('token'));
    const page = await get(web.port, '/', { cookie: cookie.split(';')[0] ?? '' });
    expect(page.status).toBe(200);
    expect(page.body).toContain('the app');
  });

  test.each(['/', '/assets/index-abc123.js', '/?token=wrong', '/?token=', '/favicon.ico', '/ws'])(
    'without the cookie %s is refused with a page that says how to open it',
    async (path) => {
      const answer = await get(web.port, path);
      expect(answer.status).toBe(401);
      expect(answer.body).toContain('?token=');
      expect(answer.headers['set-cookie']).toBeUndefined();
    },
  );

  test('a wrong cookie is refused', async () => {
    const [name] = (await web.cookie()).split('=');
    const answer = await get(web.port, '/', { cookie: `${name ?? ''}=${'A'.repeat(43)}` });
    expect(answer.status).toBe(401);
  });

  test('an address for opening works once, the printed one again', async () => {
    const path = (address: string) => new URL(address).pathname + new URL(address).search;
    const once = path(web.server.openingUrl());
    expect((await get(web.port, once)).status).toBe(303);
    expect((await get(web.port, once)).status).toBe(401);
    expect((await get(web.port, path(web.server.url))).status).toBe(303);
    expect((await get(web.port, path(web.server.url))).status).toBe(303);
  });

  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost',
    'localhost:1',
  ])('a Host of another name (%s) is refused, cookie or not', async (host) => {
    const cookie = await web.cookie();
    const answer = await get(web.port, '/', { host, cookie });
    expect(answer.status).toBe(403);
    expect(answer.body).not.toContain('the app');
  });

  test.each([
    ['127.0.0.1:9000', '9000'],
    ['localhost:9000', '9000'],
    ['LOCALHOST:9000', '9000'],
    ['127.0.0.1', '80'],
  ])(
    'through a forwarded port (%s) both numbers are said, and that they must be equal',
    async (host, there) => {
      const answer = await get(web.port, '/', { host, cookie: await web.cookie() });
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('must be equal');
      expect(answer.body).toContain(`by port ${there},`);
      expect(answer.body).toContain(`listens on port ${web.port}.`);
      expect(answer.body).toContain(`ssh -L ${web.port}:127.0.0.1:${web.port}`);
      expect(answer.body).toContain(`--port ${there}<`);
    },
  );

  test.each([
    '127.0.0.1:9000<b>',
    'localhost:123456',
    '127.0.0.1:',
    'evil.example:9000',
    '[::1]:9000',
  ])('a Host that is not this machine’s name is not repeated (%s)', async (host) => {
    const answer = await get(web.port, '/', { host });
    expect(answer.status).toBe(403);
    expect(answer.body).toBe(
      `This server answers to 127.0.0.1 alone: http://127.0.0.1:${web.port}/\n`,
    );
  });

  test('localhost with the port is the same machine', async () => {
    const answer = await get(web.port, '/', {
      host: `localhost:${web.port}`,
      cookie: await web.cookie(),
    });
    expect(answer.status).toBe(200);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is refused', async (method) => {
    const answer = await get(web.port, '/', { cookie: await web.cookie() }, method);
    expect(answer.status).toBe(405);
  });

  const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  test.each([
    ['a link on another site', { ...navigation, 'sec-fetch-site': 'cross-site' }, 200],
    [
      'a link on another port of this machine',
      { ...navigation, 'sec-fetch-site': 'same-site' },
      200,
    ],
    ['the address bar', { ...navigation, 'sec-fetch-site': 'none' }, 200],
    ['our own page', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, 200],
    ['a fetch', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['a fetch from another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 403],
    ['a frame', { ...navigation, 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }, 403],
    [
      'an image',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      403,
    ],
  ])(
    'asked by %s, the page is answered with its cookie or not at all',
    async (_who, headers, status) => {
      const answer = await get(web.port, '/', { ...headers, cookie: await web.cookie() });
      expect(answer.status).toBe(status);
    },
  );

  test('what follows an address in a chat and nobody sees is no part of its token', async () => {
    for (const end of ['%E2%80%8B', '%C2%A0', '%E2%80%8E', '%20', '%EF%BB%BF']) {
      expect((await get(web.port, `/?token=token-of-a${end}`)).status, end).toBe(303);
    }
  });

  test('nothing listens on this machine’s other addresses', async () => {
    const other = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal);
    if (!other) return;
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect({ host: other.address, port: web.port, timeout: 2000 });
      socket.on('connect', () => resolve('connected'));
      socket.on('error', () => resolve('refused'));
      socket.on('timeout', () => resolve('refused'));
    });
    expect(outcome).toBe('refused');
  });
});

describe('what is answered', () => {
  test.each(['/', '/assets/index-abc123.js', '/nothing.js'])(
    'security headers are on %s, refused or not',
    async (path) => {
      for (const headers of [{}, { cookie: await web.cookie() }]) {
        const answer = await get(web.port, path, headers);
        const policy = String(answer.headers['content-security-policy']);
        expect(policy).toContain("default-src 'none'");
        expect(policy).toContain("script-src 'self'");
        expect(policy).not.toContain('unsafe');
        expect(answer.headers['x-content-type-options']).toBe('nosniff');
        expect(answer.headers['referrer-policy']).toBe('no-referrer');
        expect(answer.headers['cross-origin-opener-policy']).toBe('same-origin');
        expect(answer.headers['x-powered-by']).toBeUndefined();
      }
    },
  );

  test('the policy names no host but our own sockets', () => {
    expect(contentSecurityPolicy()).not.toMatch(/https?:|\*/);
    for (const directive of ['frame-ancestors', 'base-uri', 'form-action', 'object-src']) {
      expect(contentSecurityPolicy()).toContain(`${directive} 'none'`);
    }
  });

  test('hashed assets are cached for good, the page never without asking', async () => {
    const cookie = await web.cookie();
    const asset = await get(web.port, '/assets/index-abc123.js', { cookie });
    expect(asset.status).toBe(200);
    expect(asset.headers['cache-control']).toContain('immutable');
    expect(asset.headers['content-type']).toContain('javascript');
    const page = await get(web.port, '/', { cookie });
    expect(page.headers['cache-control']).toBe('no-store');
  });

  test('a path of the app answers with the app, a missing file does not', async () => {
    const cookie = await web.cookie();
    const route = await get(web.port, '/roar/run_x', { cookie });
    expect([route.status, route.body]).toEqual([200, expect.stringContaining('the app')]);
    const missing = await get(web.port, '/assets/gone.js', { cookie });
    expect(missing.status).toBe(404);
    expect(missing.body).not.toContain('the app');
  });

  test.each([
    '//',
    '///',
    '//:',
    '//a:b',
    '//[',
    '//?token=x',
    '//ws',
    '/\\',
    '/\\evil.example',
    '/%',
    '/%zz',
    '/%E0%A4%A',
    '/%c0%af',
    '/%00',
    '/assets/%00.js',
    `/${'a'.repeat(10_000)}`,
    '*',
    'http://',
    'http://[',
    'http://evil.example/',
    'https://127.0.0.1/',
  ])('%s is no address: 4xx, and nothing in the log', async (path) => {
    logged.length = 0;
    for (const cookie of [await web.cookie(), '']) {
      const answer = await get(web.port, path, { cookie });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body).not.toContain('the app');
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    }
    const rater = await get(web.port, path, { cookie: await web.cookieFor('token-of-a') });
    expect(rater.status === 303 || (rater.status >= 400 && rater.status < 500)).toBe(true);
    expect(logged).toEqual([]);
  });

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/%00/secret.txt',
    '//secret.txt',
  ])('%s reaches nothing outside the renderer', async (path) => {
    const answer = await get(web.port, path, { cookie: await web.cookie() });
    expect(answer.body).not.toContain('not for the page');
    expect(answer.status).not.toBe(500);
  });
});
