import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../../src/shared/content-security';
import { get, harness, type Harness } from './harness';
import { stubApp } from '../stub-app';

let web: Harness;
beforeAll(async () => {
  web = await harness(stubApp());
});
afterAll(() => web.end());

describe('who may open the page', () => {
  test('the printed address has a token of 32 bytes and is on 127.0.0.1', () => {
    const url = new URL(web.server.url);
    expect(url.hostname).toBe('127.0.0.1');
    expect(Buffer.from(url.searchParams.get('token') ?? '', 'base64url')).toHaveLength(32);
  });

  test('the token is exchanged for a strict, HttpOnly cookie and leaves the address', async () => {
    const { pathname, search } = new URL(web.server.url);
    const answer = await get(web.port, pathname + search);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
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
