import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { type FastifyInstance } from 'fastify';
import { page } from './pages';

/** The built renderer. Names under /assets/ carry a hash of their content and never change. */
export async function addAssets(server: FastifyInstance, rendererDir: string): Promise<void> {
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

  const index = async () => {
    try {
      return await readFile(join(rendererDir, 'index.html'), 'utf8');
    } catch {
      return null;
    }
  };

  server.get('/', async (_request, reply) => {
    const html = await index();
    return reply
      .code(html === null ? 503 : 200)
      .type('text/html; charset=utf-8')
      .send(html ?? page('unbuilt'));
  });

  // A path of the app's own router is answered by the app; a file that is missing is missing.
  server.setNotFoundHandler(async (request, reply) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    const html = extname(pathname) === '' ? await index() : null;
    if (html === null) return reply.code(404).type('text/plain').send('Not found.\n');
    return reply.type('text/html; charset=utf-8').send(html);
  });
}
