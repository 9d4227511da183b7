import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { securityHeaders } from '../../shared/content-security';
import { page } from './pages';
import { cookieName, type Session } from './session';

/** Names under which this machine reaches itself, with the port (which a browser omits for 80). */
function authorities(port: number): readonly string[] {
  return ['127.0.0.1', 'localhost'].flatMap((host) =>
    port === 80 ? [host, `${host}:80`] : [`${host}:${port}`],
  );
}

const portOf = (request: FastifyRequest): number => request.socket.localPort ?? 0;

/** The Host header names this server: a rebound DNS name does not. */
export function hostIsOurs(request: FastifyRequest): boolean {
  return authorities(portOf(request)).includes(request.headers.host ?? '');
}

/** The page that opens a socket is ours: the browser states its origin and no script can forge it. */
export function originIsOurs(request: FastifyRequest): boolean {
  const { origin, host } = request.headers;
  return origin !== undefined && hostIsOurs(request) && origin === `http://${host ?? ''}`;
}

const isUpgrade = (request: FastifyRequest) => request.headers.upgrade !== undefined;

/**
 * Every request passes here first, the socket's upgrade too: security headers on whatever is
 * answered, Host, method, Origin for sockets, then the token's exchange or the cookie.
 */
export function addGuard(server: FastifyInstance, session: Session): void {
  server.addHook('onRequest', async (request, reply) => {
    const port = portOf(request);
    void reply.headers(securityHeaders(authorities(port).map((authority) => `ws://${authority}`)));
    void reply.header('cache-control', 'no-store');

    if (!hostIsOurs(request)) {
      return reply.code(403).type('text/plain').send('This server answers to 127.0.0.1 alone.\n');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return reply.code(405).header('allow', 'GET, HEAD').type('text/plain').send('GET or HEAD.\n');
    }
    if (isUpgrade(request)) {
      if (!originIsOurs(request)) {
        return reply.code(403).type('text/plain').send('Sockets are for our own page.\n');
      }
    } else {
      const token = exchanged(request);
      if (token !== null && session.exchange(token)) {
        return reply
          .setCookie(cookieName(port), session.cookie, {
            path: '/',
            httpOnly: true,
            sameSite: 'strict',
          })
          .redirect('/', 303);
      }
    }
    if (!session.holds(request.cookies[cookieName(port)])) {
      return reply.code(401).type('text/html; charset=utf-8').send(page('unauthorised'));
    }
    return undefined;
  });
}

/** The token of a GET of `/?token=…`, if this is one. */
function exchanged(request: FastifyRequest): string | null {
  if (request.method !== 'GET') return null;
  const url = new URL(request.url, 'http://127.0.0.1');
  return url.pathname === '/' ? url.searchParams.get('token') : null;
}
