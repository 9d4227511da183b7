import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type StubApp, stubApp } from '../core/stub-app';
import { closing, get, harness, type Harness, nextFrame, opening } from './harness';

let app: StubApp;
let web: Harness;
let links: Map<string, string>;
let annotatorMode: boolean;
beforeEach(async () => {
  annotatorMode = false;
  links = new Map([
    ['token-of-a', 'rater_a'],
    ['token-of-b', 'rater_b'],
  ]);
  app = stubApp({ 'jobs.list': () => [] }, { links, annotatorMode: () => annotatorMode });
  web = await harness(app);
});
afterEach(() => web.end());

const a = { role: 'annotator', rater: 'rater_a' };
const b = { role: 'annotator', rater: 'rater_b' };
const researcher = { role: 'researcher', rater: null };
const open = async (cookie: string) => {
  const socket = web.connect({ cookie, origin: `http://127.0.0.1:${web.port}` });
  expect(await opening(socket)).toBe('open');
  return socket;
};

describe('a rater’s link', () => {
  test('is exchanged for a cookie that lasts, and opens the rating page alone', async () => {
    const answer = await get(web.port, '/?token=token-of-a');
    expect([answer.status, answer.headers.location]).toEqual([303, '/']);
    const header = String(answer.headers['set-cookie']);
    for (const part of ['HttpOnly', 'SameSite=Lax', 'Max-Age=']) expect(header).toContain(part);
    const cookie = header.split(';')[0] ?? '';
    const page = await get(web.port, '/', { cookie });
    expect(page.body).toContain('<title>rating</title>');
    expect(page.headers.etag).toBeUndefined();
    expect(page.headers['last-modified']).toBeUndefined();
    expect(page.headers['cache-control']).toBe('no-store');
  });

  test('opens a socket as this rater', async () => {
    await open(await web.cookieFor('token-of-a'));
    expect(app.asked).toEqual([a, a]);
    await open(await web.cookieFor('token-of-b'));
    await open(await web.cookie());
    expect(app.asked).toEqual([a, a, b, b, researcher, researcher]);
  });

  test('is good across restarts', async () => {
    const cookie = (await web.cookieFor('token-of-a')).split('=')[1] ?? '';
    await web.end();
    web = await harness(app);
    const name = (await web.cookieFor('token-of-b')).split('=')[0] ?? '';
    const page = await get(web.port, '/', { cookie: `${name}=${cookie}` });
    expect(page.body).toContain('<title>rating</title>');
  });

  test('lets nothing else of the app be read', async () => {
    const cookie = await web.cookieFor('token-of-a');
    const status = async (path: string) => (await get(web.port, path, { cookie })).status;
    for (const name of ['rating-r1.js', 'shared-s1.js', 'later-l1.js', 'font-f1.woff2']) {
      expect(await status(`/assets/${name}`), name).toBe(200);
    }
    for (const path of ['/index.html', '/assets/index-abc123.js', '/assets/', '/rating.html']) {
      const answer = await get(web.port, path, { cookie });
      expect(answer.status, path).not.toBe(200);
      expect(answer.body).not.toContain('the app');
    }
    const away = await get(web.port, '/studies', { cookie });
    expect([away.status, away.headers.location]).toEqual([303, '/']);
    for (const path of [
      '/%69ndex.html',
      '/assets/../index.html',
      '//index.html',
      '/./index.html',
    ]) {
      expect((await get(web.port, path, { cookie })).body, path).not.toContain('the app');
    }
  });

  test('follows the build that is there now', async () => {
    const cookie = await web.cookieFor('token-of-a');
    const asset = (name: string) => get(web.port, `/assets/${name}`, { cookie });
    expect((await asset('rating-r2.js')).status).toBe(404);
    writeFileSync(`${web.renderer}/assets/rating-r2.js`, 'export {};');
    writeFileSync(`${web.renderer}/rating.html`, '<script src="./assets/rating-r2.js"></script>');
    expect((await asset('rating-r2.js')).status).toBe(200);
    expect((await asset('rating-r1.js')).status).toBe(404);
  });

  test('that has ended is said, and its open page is answered no more', async () => {
    const cookie = await web.cookieFor('token-of-a');
    const socket = await open(cookie);
    links.delete('token-of-a');
    socket.send(JSON.stringify({ type: 'call', id: 1, route: 'jobs.list', input: {} }));
    expect(await nextFrame(socket)).toMatchObject({
      type: 'failure',
      error: { code: 'forbidden', message: expect.stringContaining('ended') as string },
    });
    expect(app.calls).toEqual([]);
    expect((await get(web.port, '/', { cookie })).status).toBe(401);
    expect(await opening(web.connect({ cookie, origin: `http://127.0.0.1:${web.port}` }))).toBe(
      401,
    );
    const again = await get(web.port, '/?token=token-of-a');
    expect(again.status).toBe(401);
    expect(again.body).toContain('This link has ended');
  });

  test('a dead link does not let the browser go on as whoever it was', async () => {
    for (const cookie of [await web.cookieFor('token-of-a'), await web.cookie()]) {
      const answer = await get(web.port, '/?token=dead', { cookie });
      expect(answer.status).toBe(401);
      expect(answer.body).toContain('This link has ended');
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });
});

describe('one browser, several people', () => {
  const tokenOf = (address: string) => new URL(address).searchParams.get('token') ?? '';
  /** Follows the link as a browser does, with the cookies that it is given. */
  const exchange = async (token: string, before: string) => {
    const answer = await get(web.port, `/?token=${token}`, { cookie: before });
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    const location = String(answer.headers.location);
    expect([answer.status, location]).toEqual([303, expect.not.stringContaining(token) as string]);
    return { cookie, body: (await get(web.port, location, { cookie })).body };
  };

  test('the latest link wins, and it is said', async () => {
    const mine = await web.cookie();
    const rating = await exchange('token-of-a', mine);
    expect(rating.body).toContain('This browser now rates');
    expect((await get(web.port, '/', { cookie: rating.cookie })).body).toContain('rating');
    const other = await exchange('token-of-b', rating.cookie);
    expect(other.body).toContain('now rates');
    const back = await exchange(tokenOf(web.server.url), other.cookie);
    expect(back.body).toContain('researcher’s again');
    expect((await get(web.port, '/', { cookie: back.cookie })).body).toContain('the app');
  });

  test('the same link again goes on as before', async () => {
    const cookie = await web.cookieFor('token-of-a');
    const socket = await open(cookie);
    expect((await exchange('token-of-a', cookie)).body).toContain('<title>rating</title>');
    const mine = await exchange(tokenOf(web.server.url), await web.cookie());
    expect(mine.body).toContain('the app');
    expect(socket.readyState).toBe(socket.OPEN);
  });

  test('pages of whoever it was are closed', async () => {
    const cookie = await web.cookieFor('token-of-a');
    const [mine, others] = [await open(cookie), await open(await web.cookieFor('token-of-b'))];
    const code = closing(mine);
    await exchange(tokenOf(web.server.url), cookie);
    expect(await code).toBe(1008);
    expect(others.readyState).toBe(others.OPEN);
  });
});

describe('annotator mode', () => {
  test('makes a rating page of the researcher’s app until it ends', async () => {
    const cookie = await web.cookie();
    annotatorMode = true;
    expect((await get(web.port, '/', { cookie })).body).toContain('<title>rating</title>');
    expect((await get(web.port, '/index.html', { cookie })).status).toBe(404);
    expect((await get(web.port, '/assets/index-abc123.js', { cookie })).status).toBe(404);
    expect((await get(web.port, '/assets/rating-r1.js', { cookie })).status).toBe(200);
    annotatorMode = false;
    expect((await get(web.port, '/', { cookie })).body).toContain('the app');
  });
});
