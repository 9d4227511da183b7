import fastifyCookie from '@fastify/cookie';
import fastifyWebsocket from '@fastify/websocket';
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { securityHeaders } from '../../shared/content-security';
import { toErrorData } from '../../shared/errors';
import { longestRequest } from '../../shared/frames';
import { type App, type Log } from '../core/app';
import { addAssets } from './assets';
import { addFiles } from './files';
import { addGuard, noAddress } from './guard';
import { createSession } from './session';
import { addSocket } from './socket';

export interface WebServer {
  readonly port: number;
  /** The address with its token, to be shown to whoever started the server. */
  readonly url: string;
  /** An address that opens once. */
  openingUrl(): string;
  /** Says goodbye to every socket and stops listening. */
  close(): Promise<void>;
}

/** The part of the application that this shell uses. */
export type WebApp = Pick<
  App,
  'apiFor' | 'filesFor' | 'leave' | 'subscribe' | 'raterOf' | 'annotatorMode'
>;

export interface WebServerOptions {
  readonly app: WebApp;
  readonly rendererDir: string;
  /** 0: a free port. */
  readonly port: number;
  readonly log: Log;
}

/** An address that cannot be decoded, which no hook is asked about. */
function refuseAddress(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers(securityHeaders()).code(400).type('text/plain').send(`${noAddress}\n`);
}

/** Serves the app to a browser of this machine, on 127.0.0.1 alone. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { app, rendererDir } = options;
  const session = createSession((token) => app.raterOf(token));
  const server = Fastify({
    forceCloseConnections: true,
    bodyLimit: 1024,
    logger: false,
    frameworkErrors: refuseAddress,
  });
  server.setErrorHandler<FastifyError>(async (error, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.log.error('a request failed', { message: error.message });
    return reply
      .code(status)
      .type('text/plain')
      .send(`${toErrorData(error).message}\n`);
  });
  await server.register(fastifyCookie);
  await server.register(fastifyWebsocket, {
    // What is too long is still read, so that it is refused with a reason; four bytes a character.
    options: { maxPayload: 4 * longestRequest, perMessageDeflate: false },
    preClose(done) {
      for (const socket of server.websocketServer.clients) {
        socket.close(1001, 'Saliency Studio has ended');
      }
      done();
    },
  });
  addGuard(server, session, (cookie) => sockets.end(cookie));
  const sockets = addSocket(server, app, session);
  addFiles(server, app, session);
  await addAssets(server, { rendererDir, session, annotatorMode: () => app.annotatorMode() });

  await server.listen({ host: '127.0.0.1', port: options.port });
  const address = server.server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server listens nowhere.');
  const at = (token: string) => `http://127.0.0.1:${address.port}/?token=${token}`;
  return {
    port: address.port,
    url: at(session.token),
    openingUrl: () => at(session.issueOnce()),
    close: () => server.close(),
  };
}
