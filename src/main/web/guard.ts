import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { securityHeaders } from '../../shared/content-security';
import { isFilesPath } from './files-path';
import { forwardedPage, page } from './pages';
import { cookieName, sameWho, type Session } from './session';
import { targetOf } from './target';

/** Names under which this machine reaches itself, with the port (which a browser omits for 80). */
function authorities(port: number): readonly string[] {
  return ['127.0.0.1', 'localhost'].flatMap((host) =>
    port === 80 ? [host, `${host}:80`] : [`${host}:${port}`],
  );
}

const portOf = (request: FastifyRequest): number => request.socket.localPort ?? 0;

/** The Host header names this server: a rebound DNS name does not. */
function hostIsOurs(request: FastifyRequest): boolean {
  return authorities(portOf(request)).includes(request.headers.host ?? '');
}

/** The port under which this machine was addressed by its own name, where that is not ours. */
function otherPort(request: FastifyRequest): string | null {
  const named = /^(?:127\.0\.0\.1|localhost)(?::(\d{1,5}))?$/i.exec(request.headers.host ?? '');
  const port = named ? (named[1] ?? '80') : null;
  return Number(port) === portOf(request) ? null : port;
}

/** The page that opens a socket or sends a file is ours: the browser states its origin and no script can forge it. */
function originIsOurs(request: FastifyRequest): boolean {
  const { origin, host } = request.headers;
  return origin !== undefined && hostIsOurs(request) && origin === `http://${host ?? ''}`;
}

export const noAddress = 'This is no address of this server.';

const isUpgrade = (request: FastifyRequest) => request.headers.upgrade !== undefined;

/**
 * Whether another page makes this request and not a person who follows a link: something to embed, a
 * script's fetch, a frame, a form. Browsers state it and no script can forge it; without a statement
 * (an old browser, a command) the cookie's own rule has to do.
 */
function isOthersRequest({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  const mode = headers['sec-fetch-mode'];
  const dest = headers['sec-fetch-dest'];
  return mode !== 'navigate' || (dest !== undefined && dest !== 'document');
}

/** A quarter of a year, in seconds: a rater comes back another day. */
const lasting = 90 * 24 * 3600;

/** Where a browser that became somebody else's is told so; its token is out of the address by then. */
const switched = '/?switched';

/** The cookie that this server gave the browser, if it has one. */
export const cookieOf = (request: FastifyRequest): string | undefined =>
  request.cookies[cookieName(portOf(request))];

/**
 * Every request passes here first, the socket's upgrade too: security headers on whatever is
 * answered, Host, the address, method, Origin for sockets and files, then the token's exchange or the cookie.
 *
 * The cookie is SameSite=Lax: a link in a mail, a chat or a panel is opened from another site, and
 * with Strict the page behind it is asked for without the cookie that the link was just exchanged
 * for. Lax gives another site's page one thing more than Strict does: that a person, seen in the
 * address bar, comes to one of our pages by GET. None of these does anything but show itself: other
 * methods are refused whoever asks, but for files that our own page sends, and everything that acts
 * goes through the socket. Both want our own Origin (a page on another port of this machine is
 * same-site, so that no SameSite would keep it out), and a browser sends a Lax cookie with neither for
 * another site's page. What other pages embed or fetch is refused besides.
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
      const other = otherPort(request);
      if (other !== null) {
        return reply.code(403).type('text/html; charset=utf-8').send(forwardedPage(other, port));
      }
      return reply
        .code(403)
        .type('text/plain; charset=utf-8')
        .send(`This server answers to 127.0.0.1 alone: http://127.0.0.1:${port}/\n`);
    }
    const target = targetOf(request.url);
    if (target === null) {
      return reply.code(400).type('text/plain').send(`${noAddress}\n`);
    }
    const sends = request.method === 'PUT' && isFilesPath(request.url);
    if (request.method !== 'GET' && request.method !== 'HEAD' && !sends) {
      return reply.code(405).header('allow', 'GET, HEAD').type('text/plain').send('GET or HEAD.\n');
    }
    if (sends && !originIsOurs(request)) {
      return reply.code(403).type('text/plain').send('Files are for our own page to send.\n');
    }
    if (isUpgrade(request)) {
      if (!originIsOurs(request)) {
        return reply.code(403).type('text/plain').send('Sockets are for our own page.\n');
      }
    } else if (isOthersRequest(request)) {
      return reply.code(403).type('text/plain').send('Other pages may link here, no more.\n');
    } else {
      const token = exchanged(request, target);
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
      sameSite: 'lax',
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
function exchanged({ method }: FastifyRequest, target: URL): string | null {
  if (method !== 'GET' || target.pathname !== '/') return null;
  // A chat or a mail may leave characters behind an address that nobody sees.
  return target.searchParams.get('token')?.replaceAll(/[^\w-]/g, '') ?? null;
}
