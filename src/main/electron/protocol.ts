import { readFile } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';
import type { CustomScheme } from 'electron';
import { securityHeaders } from '../../shared/content-security';

/** The page's own origin: nothing else is ever loaded. */
export const appScheme = 'studio';
export const appOrigin = `${appScheme}://app`;
export const appUrl = `${appOrigin}/index.html`;
/** The page that raters see, with scripts of its own. */
export const ratingUrl = `${appOrigin}/rating.html`;

/** Standard, so that it has an origin and relative addresses; secure, as https would be. */
export const privileges: CustomScheme = {
  scheme: appScheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/** Whether an address is of our page. An origin is compared by its parts: URL calls ours opaque. */
export function isAppUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === `${appScheme}:` && url.host === 'app';
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
};

/** The file of the renderer's folder that an address names; null where it names none inside it. */
export function fileFor(rendererDir: string, address: string): string | null {
  const url = URL.parse(address);
  if (!url || !isAppUrl(address)) return null;
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\')) return null;
  if (path.split('/').some((part) => part.startsWith('.'))) return null;
  const root = resolve(rendererDir);
  const file = resolve(root, `.${path}`);
  if (file === root) return resolve(root, 'index.html');
  return file.startsWith(root + sep) ? file : null;
}

/** Answers `studio://app/…` with the renderer's files under the strict policy. */
export function createAppProtocol(rendererDir: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const headers = { ...securityHeaders(), 'content-type': 'text/plain; charset=utf-8' };
    if (request.method !== 'GET') return new Response('GET alone.', { status: 405, headers });
    const file = fileFor(rendererDir, request.url);
    if (file === null) return new Response('Not allowed.', { status: 403, headers });
    try {
      const body = await readFile(file);
      const type = types[extname(file)] ?? 'application/octet-stream';
      return new Response(new Uint8Array(body), { headers: { ...headers, 'content-type': type } });
    } catch {
      return new Response('Not found.', { status: 404, headers });
    }
  };
}
