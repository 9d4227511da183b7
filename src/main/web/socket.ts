import { randomUUID } from 'node:crypto';
import { type FastifyInstance } from 'fastify';
import { type WebSocket } from 'ws';
import { answerFrame } from '../../shared/answer';
import { type StudioEvent } from '../../shared/events';
import { type ReplyFrame } from '../../shared/wire';
import { type App } from '../core/app';

/** A page that reads too slowly is spared what the next event replaces anyway. */
const slowBytes = 8 * 2 ** 20;
const replaceable = (event: StudioEvent) =>
  event.type === 'job.progress' || event.type === 'maps.progress';

/** WebSocket close codes (RFC 6455, section 7.4.1). */
const policyViolation = 1008;

/** `/ws`: request frames in, reply frames and events out. Who may connect is the guard's matter. */
export function addSocket(server: FastifyInstance, app: Pick<App, 'apiFor' | 'subscribe'>): void {
  server.get('/ws', { websocket: true }, (socket) => serve(socket, app));
}

function serve(socket: WebSocket, app: Pick<App, 'apiFor' | 'subscribe'>): void {
  const api = app.apiFor(randomUUID());
  const send = (frame: ReplyFrame) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
  };
  const stop = app.subscribe((event) => {
    if (socket.bufferedAmount > slowBytes && replaceable(event)) return;
    send({ type: 'event', event });
  });
  socket.on('close', stop);
  // The close that follows an error is what matters (a frame too long, a broken connection).
  socket.on('error', () => undefined);
  socket.on('message', (data, isBinary) => {
    const received = isBinary ? null : parseJson(data.toString());
    void answerFrame(api, received).then((reply) => {
      if (reply) send(reply);
      else socket.close(policyViolation, 'not a request frame');
    });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
