import { createReadStream } from 'node:fs';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type ErrorCode, StudioError, toErrorData } from '../../shared/errors';
import { type App } from '../core/app';
import { filesPath } from './files-path';
import { cookieOf } from './guard';
import { type Session } from './session';

/** Milliseconds without a byte after which a sender is given up. */
const patience = 120_000;

const statuses: Partial<Record<ErrorCode, number>> = {
  forbidden: 403,
  'not-found': 404,
  'invalid-input': 404,
  conflict: 409,
  'disk-full': 507,
};

/**
 * `PUT /files/UPLOAD` takes the bytes of a file that `uploads.begin` announced, of any size, straight
 * to the disk; `GET /files/EXPORT` gives an exported file, once. Whose browser it is follows from the
 * cookie; that our own page sends is the guard's matter.
 */
export function addFiles(
  server: FastifyInstance,
  app: Pick<App, 'filesFor'>,
  session: Session,
): void {
  const doorOf = (request: FastifyRequest) => {
    const who = session.who(cookieOf(request));
    if (!who) throw new StudioError({ code: 'forbidden', message: 'This link has ended.' });
    return app.filesFor(who);
  };
  const fail = (reply: FastifyReply, error: unknown) => {
    const { code, message } = toErrorData(error);
    return reply
      .code(statuses[code] ?? 500)
      .type('text/plain')
      .send(`${message}\n`);
  };

  // Not read here: the body goes to the disk as it comes.
  server.addContentTypeParser('application/octet-stream', (_request, _payload, done) => done(null));

  server.put<{ Params: { id: string } }>(`${filesPath}:id`, async (request, reply) => {
    const { raw } = request;
    raw.setTimeout(patience, () => raw.destroy());
    try {
      // An iterator that leaves the connection open when it stops early: the refusal still goes out.
      const body = raw.iterator({ destroyOnReturn: false });
      await doorOf(request).receive(request.params.id, body);
      return await reply.code(204).send();
    } catch (error) {
      // The rest of what is being sent is not waited for.
      if (!raw.readableEnded) void reply.header('connection', 'close');
      return fail(reply, error);
    }
  });

  server.get<{ Params: { id: string } }>(
    `${filesPath}:id`,
    // To ask for the head would use the file up.
    { exposeHeadRoute: false },
    async (request, reply) => {
      // A page of another origin may link here, and gets nothing for it.
      const from = request.headers['sec-fetch-site'] ?? 'same-origin';
      if (from !== 'same-origin' && from !== 'none') {
        return reply.code(403).type('text/plain').send('Files are for our own page to fetch.\n');
      }
      try {
        const { name, mime, bytes, path, release } = await doorOf(request).take(request.params.id);
        const content = createReadStream(path);
        content.on('close', () => void release());
        return await reply
          .type(mime)
          .header('content-length', bytes)
          .header('content-disposition', attachment(name))
          .send(content);
      } catch (error) {
        return fail(reply, error);
      }
    },
  );
}

/** RFC 6266: plain for old readers, exact for all others. */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const exact = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
