import { type Page } from '@playwright/test';
import { expect, test } from './support/fixtures';
import { useOtherSite } from './support/other-site';
import { useStudio } from './support/studio';

const studio = useStudio({ engine: false });

/** What a page of others may say on its console while it tries: our refusals. */
test.use({ expectedFaults: /403|401|WebSocket|blocked|ERR_|Refused|CORS|policy|MIME/i });

const mail = useOtherSite();

const isOpen = (page: Page) =>
  expect(page.getByRole('region', { name: 'Engine and device' })).toBeVisible();

test('a link on another site opens, the first time and again', async ({ page }) => {
  await page.goto(mail('localhost', studio.url));
  await page.getByRole('link').click();
  await isOpen(page);
  expect(page.url()).not.toContain('token');
  // Without the token too, once the browser was let in.
  await page.goto(mail('localhost', new URL(studio.url).origin));
  await page.getByRole('link').click();
  await isOpen(page);
});

for (const host of ['localhost', '127.0.0.1'] as const) {
  test(`a page on ${host} can neither act nor read with the cookie`, async ({ page }) => {
    await page.goto(studio.url);
    await isOpen(page);
    const cookies = await page.context().cookies(studio.url);
    expect(cookies.map(({ sameSite, httpOnly }) => ({ sameSite, httpOnly }))).toEqual([
      { sameSite: 'Lax', httpOnly: true },
    ]);
    const { origin, host: ours } = new URL(studio.url);
    await page.goto(mail(host));
    const tried = await page.evaluate(
      async ([at, socketAt]) => {
        const socket = await new Promise<string>((resolve) => {
          const opened = new WebSocket(`ws://${socketAt}/ws`);
          opened.onopen = () => resolve('open');
          opened.onerror = () => resolve('refused');
        });
        const answered = (url: string, init: RequestInit) =>
          fetch(url, { credentials: 'include', ...init }).then(
            () => 'read',
            () => 'refused',
          );
        const loaded = (tag: 'script' | 'img' | 'iframe', url: string) =>
          new Promise<string>((resolve) => {
            const element = document.createElement(tag);
            element.onload = () => resolve('loaded');
            element.onerror = () => resolve('refused');
            element.src = url;
            document.body.append(element);
            setTimeout(() => resolve('nothing'), 3000);
          });
        const frame = document.createElement('iframe');
        frame.src = at;
        await new Promise<void>((resolve) => {
          frame.onload = () => resolve();
          document.body.append(frame);
        });
        return {
          socket,
          get: await answered(at, {}),
          post: await answered(at, { method: 'POST', body: 'x' }),
          script: await loaded('script', `${at}/before-start.js`),
          picture: await loaded('img', `${at}/`),
          framed: frame.contentDocument?.title ?? 'unreadable',
        };
      },
      [origin, ours] as const,
    );
    expect(tried).toEqual({
      socket: 'refused',
      get: 'refused',
      post: 'refused',
      script: 'refused',
      picture: 'refused',
      framed: 'unreadable',
    });
    // What was refused changed nothing for our own page.
    await page.goto(origin);
    await isOpen(page);
  });
}
