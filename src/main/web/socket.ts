import { randomUUID } from 'node:crypto';
import { type FastifyInstance } from 'fastify';
import { type WebSocket } from 'ws';
import { answerFrame } from '../../shared/answer';
import { StudioError } from '../../shared/errors';
import { type StudioEvent } from '../../shared/events';
import { checkRequestLength } from '../../shared/frames';
import { replyMessage } from '../../shared/reply-text';
import { type Api } from '../../shared/routes';
import { type ReplyFrame } from '../../shared/wire';
import { type App } from '../core/app';
import { type Who } from '../core/sessions/caller';
import { cookieOf } from './guard';
import { sameWho, type Session } from './session';

/** A page that reads too slowly is spared what the next event replaces anyway. */
const slowBytes = 8 * 2 ** 20;
const replaceable = ({ type }: StudioEvent) =>
  [
    'job.progress',
    'maps.looking',
    'maps.progress',
    'preview.progress',
    'weights.progress',
  ].includes(type);

/** WebSocket close codes (RFC 6455, section 7.4.1). */
const policyViolation = 1008;

export type SocketApp = Pick<App, 'apiFor' | 'leave' | 'subscribe'>;

export interface Sockets {
  /** Close the sockets that were opened with this cookie, whose browser is somebody else's now. */
  end(cookie: string): void;
}

/**
 * `/ws`: request frames in, reply frames and events out. Who may connect is the guard's matter; who
 * it is and what is answered follow from the cookie.
 */
export function addSocket(server: FastifyInstance, app: SocketApp, session: Session): Sockets {
  const open = new Map<WebSocket, string>();
  server.get('/ws', { websocket: true }, (socket, request) => {
    const cookie = cookieOf(request) ?? '';
    const who = session.who(cookie);
    if (!who) return socket.close(policyViolation, 'not let in');
    open.set(socket, cookie);
    socket.on('close', () => open.delete(socket));
    const still = () => {
      const now = session.who(cookie);
      return now !== null && sameWho(now, who);
    };
    serve(socket, app, who, still);
  });
  return {
    end(cookie) {
      for (const [socket, its] of open) {
        if (its === cookie) socket.close(policyViolation, 'this browser is somebody else’s now');
      }
    },
  };
}

function serve(socket: WebSocket, app: SocketApp, who: Who, still: () => boolean): void {
  const client = randomUUID();
  const api = whileGood(app.apiFor(client, who), still);
  const send = (frame: ReplyFrame) => {
    if (socket.readyState === socket.OPEN) socket.send(replyMessage(frame));
  };
  const stop = app.subscribe((event) => {
    if (socket.bufferedAmount > slowBytes && replaceable(event)) return;
    send({ type: 'event', event });
  }, who);
  socket.on('close', () => {
    stop();
    app.leave(client);
  });
  // The close that follows an error is what matters (a frame too long, a broken connection).
  socket.on('error', () => undefined);
  socket.on('message', (data, isBinary) => {
    const text = data.toString();
    const received = isBinary ? null : parseJson(text);
    void answerFrame(unlessTooLong(api, text), received).then((reply) => {
      if (reply) send(reply);
      else socket.close(policyViolation, 'not a request frame');
    });
  });
}

/** A link may end while its page is open: from then on its socket is answered nothing else. */
function whileGood(api: Api, still: () => boolean): Api {
  return {
    async call(route, input) {
      if (still()) return api.call(route, input);
      throw new StudioError({
        code: 'forbidden',
        message: 'This link has ended: ask for a new one. What you answered is kept.',
      });
    },
  };
}

function unlessTooLong(api: Api, text: string): Api {
  return {
    async call(route, input) {
      checkRequestLength(text);
      return api.call(route, input);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
