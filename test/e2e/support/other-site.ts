import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { test } from './fixtures';

/** localhost is another site than 127.0.0.1; another port of 127.0.0.1 is another origin of one site. */
export type OtherHost = 'localhost' | '127.0.0.1';

/** A page of another site, a mail say, with a link to wherever its address asks for. */
export function useOtherSite(): (host: OtherHost, to?: string) => string {
  let others: Server;
  test.beforeAll(async () => {
    others = createServer((request, response) => {
      const to = new URL(request.url ?? '/', 'http://localhost').searchParams.get('to') ?? '';
      const escaped = to.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><title>A mail</title><a href="${escaped}">Your link</a>`);
    });
    await new Promise<void>((resolve) => others.listen(0, '127.0.0.1', resolve));
  });
  test.afterAll(() => void others.close());
  return (host, to = '') =>
    `http://${host}:${(others.address() as AddressInfo).port}/?to=${encodeURIComponent(to)}`;
}
