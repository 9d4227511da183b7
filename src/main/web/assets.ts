import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { isFilesPath } from './files-path';
import { cookieOf } from './guard';
import { pageAssets } from './page-assets';
import { page } from './pages';
import { type Session } from './session';
import { targetOf } from './target';

export interface AssetOptions {
  readonly rendererDir: string;
  readonly session: Session;
  /** Whether annotator mode lasts on this machine, in which the app itself is a rating page. */
  readonly annotatorMode: () => boolean;
}

/**
 * The built renderer. Names under /assets/ carry a hash of their content and never change. Whoever
 * rates gets the rating page and what it loads, and nothing else of the app.
 */
export async function addAssets(server: FastifyInstance, options: AssetOptions): Promise<void> {
  const { rendererDir, session } = options;
  const read = async (name: string) => {
    try {
      return await readFile(join(rendererDir, name), 'utf8');
    } catch {
      return null;
    }
  };
  const rates = (request: FastifyRequest) =>
    session.who(cookieOf(request))?.role === 'annotator' || options.annotatorMode();

  /** Of the rating page as it is now: its HTML names the hashes of its build. */
  let known: { readonly html: string; readonly assets: Set<string> } | null = null;
  const ratingAssets = async (): Promise<ReadonlySet<string>> => {
    const html = await read('rating.html');
    if (html === null) return new Set();
    if (known?.html !== html) known = { html, assets: await pageAssets(rendererDir, html) };
    return known.assets;
  };

  server.addHook('onRequest', async (request, reply) => {
    const pathname = targetOf(request.url)?.pathname ?? '';
    if (pathname === '/' || pathname === '/ws' || isFilesPath(pathname) || !rates(request)) {
      return undefined;
    }
    if ((await ratingAssets()).has(pathname)) return undefined;
    if (extname(pathname) === '') return reply.redirect('/', 303);
    return reply.code(404).type('text/plain').send('Not found.\n');
  });

  await server.register(fastifyStatic, {
    root: rendererDir,
    index: false,
    redirect: false,
    dotfiles: 'deny',
    cacheControl: false,
    setHeaders(reply, path) {
      const hashed = path.startsWith(join(rendererDir, 'assets'));
      void reply.header(
        'cache-control',
        hashed ? 'private, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });

  server.get('/', async (request, reply) => {
    const html = await read(rates(request) ? 'rating.html' : 'index.html');
    return reply
      .code(html === null ? 503 : 200)
      .type('text/html; charset=utf-8')
      .send(html ?? page('unbuilt'));
  });

  // A path of the app's own router is answered by the app; a file that is missing is missing.
  server.setNotFoundHandler(async (request, reply) => {
    const pathname = targetOf(request.url)?.pathname ?? '';
    const html = extname(pathname) === '' ? await read('index.html') : null;
    if (html === null) return reply.code(404).type('text/plain').send('Not found.\n');
    return reply.type('text/html; charset=utf-8').send(html);
  });
}
