import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { securityHeaders } from '../../shared/content-security';
import { page } from './pages';
import { cookieName, sameWho, type Session } from './session';

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

/** A quarter of a year, in seconds: a rater comes back another day. */
const lasting = 90 * 24 * 3600;

/** Where a browser that became somebody else's is told so; its token is out of the address by then. */
const switched = '/?switched';

/** The cookie that this server gave the browser, if it has one. */
export const cookieOf = (request: FastifyRequest): string | undefined =>
  request.cookies[cookieName(portOf(request))];

/**
 * Every request passes here first, the socket's upgrade too: security headers on whatever is
 * answered, Host, method, Origin for sockets, then the token's exchange or the cookie.
 *
 * @param replaced told of the cookie of a browser that becomes somebody else's
 */
export function addGuard(
  server: FastifyInstance,
  session: Session,
  replaced: (cookie: string) => void,
): void {
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
      if (token !== null) return exchange(token, request, reply);
    }
    const who = session.who(cookieOf(request));
    if (!who) {
      return reply.code(401).type('text/html; charset=utf-8').send(page('unauthorised'));
    }
    if (request.url !== switched) return undefined;
    return reply
      .type('text/html; charset=utf-8')
      .send(page(who.role === 'annotator' ? 'now-rating' : 'now-researching'));
  });

  /** The latest exchange wins; where that makes the browser somebody else's, it is said. */
  function exchange(token: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const grant = session.exchange(token);
    if (!grant) return reply.code(401).type('text/html; charset=utf-8').send(page('ended'));
    void reply.setCookie(cookieName(portOf(request)), grant.cookie, {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      ...(grant.lasting ? { maxAge: lasting } : {}),
    });
    const earlier = cookieOf(request);
    const before = session.who(earlier);
    if (earlier === undefined || !before || sameWho(before, grant.who)) {
      return reply.redirect('/', 303);
    }
    replaced(earlier);
    return reply.redirect(switched, 303);
  }
}

/** The token of a GET of `/?token=…`, if this is one. */
function exchanged(request: FastifyRequest): string | null {
  if (request.method !== 'GET') return null;
  const url = new URL(request.url, 'http://127.0.0.1');
  return url.pathname === '/' ? url.searchParams.get('token') : null;
}
