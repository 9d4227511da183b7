import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parse, refuse, StudioError, toErrorData } from '../../../../shared/errors';
import { type Log } from '../../storage/environment';
import { type Admission } from '../joins/joins';
import { hashSchema, workResultSchema } from '../work-chain';
import { type Arrivals } from './arrivals';
import { openPlain } from './plain-file';

interface Parts {
  readonly arrivals: Arrivals;
  /** Who has a token; or why nobody who has it is let in. */
  readonly admit: (token: string) => Admission;
  /** Where a blob lies that workers may read: an artifact, or a file of a dataset. */
  readonly find: (sha256: string) => Promise<string | null>;
  readonly log: Log;
  /** What is said of this application to whoever may ask. */
  readonly hello: { readonly prefix: string; readonly version: string };
}

export interface TransportListener {
  readonly host: string;
  readonly port: number;
  /** PEM; null: plain text, which is for this machine alone. */
  readonly tls: { readonly key: string; readonly cert: string } | null;
}

export interface TransportServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Bytes of a file that a worker may send, and of what it says came of a request. */
const largestBlob = 8 * 1024 ** 3;
const largestResult = 1024 ** 2;

/** Connections at once, of anybody: each takes a file of the process's share. */
const mostConnections = 2000;
/** Milliseconds for a stranger to speak TLS. */
const handshake = 15_000;

/** From which byte on of how many. Nothing follows of an empty file. */
const rangeSchema = z
  .string()
  .regex(/^bytes (\d{1,15}-\d{1,15}\/\d{1,15}|\*\/0)$/, 'bytes FIRST-LAST/ALL')
  .transform((text) => (text.endsWith('*/0') ? '0-0/0' : text).match(/\d+/g)?.map(Number))
  .pipe(z.tuple([z.number(), z.number(), z.number()]));

/**
 * Files and results for workers, on a listener of its own:
 *
 *     GET  /hello
 *     HEAD /blobs/SHA256   of what was sent: upload-offset: bytes that are there, upload-complete: ?1 or ?0
 *     PUT  /blobs/SHA256   with content-range: from that offset on
 *     GET  /blobs/SHA256   with range: bytes=FIRST-
 *     PUT, GET /results/REQUEST
 *
 * Whoever asks has a token, on this machine, too. Errors are `ErrorData` in JSON.
 */
export async function startTransport(
  parts: Parts,
  { host, port, tls }: TransportListener,
): Promise<TransportServer> {
  const options = { forceCloseConnections: true, bodyLimit: largestResult, logger: false } as const;
  const server = (
    tls
      ? Fastify({
          ...options,
          https: { key: tls.key, cert: tls.cert, handshakeTimeout: handshake },
        })
      : Fastify(options)
  ) as FastifyInstance;
  server.server.maxConnections = mostConnections;
  server.setErrorHandler((error, _request, reply) => answer(reply, error, parts.log));
  server.setNotFoundHandler(() => {
    throw new StudioError({ code: 'not-found', message: 'There is nothing at this address.' });
  });
  const admitted = new WeakMap<FastifyRequest, Admitted>();
  server.addHook('onRequest', async (request) => {
    const [, token = ''] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    const admission = parts.admit(token);
    if ('refused' in admission) {
      throw new StudioError({ code: 'forbidden', message: admission.refused });
    }
    admitted.set(request, admission);
  });
  server.get('/hello', async () => parts.hello);
  const whoIs = (request: FastifyRequest): Admitted => {
    const found = admitted.get(request);
    if (found) return found;
    throw new RangeError('nobody was admitted');
  };
  // Each takes one type alone: a blob is never held in memory, whatever it is called.
  await server.register(async (blobs) => {
    blobs.removeAllContentTypeParsers();
    blobs.addContentTypeParser('application/octet-stream', (_request, payload, done) =>
      done(null, payload),
    );
    addBlobs(blobs, parts, whoIs);
  });
  await server.register(async (results) => addResults(results, parts, whoIs));
  await server.listen({ host, port });
  // Where a connection cannot be taken, no more than that one is lost.
  server.server.on('error', (error) => {
    parts.log.error('A worker could not be let in.', { message: toErrorData(error).message });
  });
  const address = server.server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server listens nowhere.');
  return { port: address.port, close: () => server.close() };
}

function addBlobs(server: FastifyInstance, { arrivals, find }: Parts, whoIs: WhoIs): void {
  const opened = async (sha256: string): Promise<FileHandle | null> => {
    if ((await arrivals.held(sha256))?.whole) return openPlain(arrivals.blob(sha256));
    const path = await find(sha256);
    return path === null ? null : open(path);
  };

  // For who sends: what is stored here already does not count, since it may go at any time.
  server.head<Named>('/blobs/:name', async (request, reply) => {
    const held = await arrivals.held(hashOf(request), whoIs(request).name);
    if (!held) return reply.code(404).send();
    const { bytes, whole } = held;
    return reply
      .headers({ 'upload-offset': String(bytes), 'upload-complete': whole ? '?1' : '?0' })
      .send();
  });

  server.put<Named & { Body: unknown }>(
    '/blobs/:name',
    { bodyLimit: largestBlob },
    async (request, reply) => {
      const sha256 = hashOf(request);
      const [first, last, all] = parse(
        rangeSchema,
        request.headers['content-range'] ?? '',
        'content-range',
      );
      const outside = all === 0 ? last > 0 : last >= all;
      if (all > largestBlob || outside || first > last) {
        throw new StudioError({
          code: 'invalid-input',
          message: `content-range is out of bounds; accepted: a file of at most ${largestBlob} bytes.`,
        });
      }
      const { body } = request;
      if (!(body instanceof Readable)) throw refuse('body', null, 'the bytes of a file');
      await arrivals.receive(sha256, all, first, body, whoIs(request).name);
      return reply.code(204).send();
    },
  );

  server.get<Named>('/blobs/:name', { exposeHeadRoute: false }, async (request, reply) => {
    const sha256 = hashOf(request);
    const file = await opened(sha256);
    if (file === null) {
      throw new StudioError({ code: 'not-found', message: `There is no file ${sha256}.` });
    }
    const { size } = await file.stat();
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const first = from === undefined ? 0 : Number(from);
    if (first > 0 && first >= size) {
      await file.close();
      return reply.code(416).send();
    }
    void reply
      .code(first > 0 ? 206 : 200)
      .type('application/octet-stream')
      .header('content-length', size - first);
    if (first > 0) void reply.header('content-range', `bytes ${first}-${size - 1}/${size}`);
    return reply.send(file.createReadStream({ start: first, highWaterMark: 1 << 20 }));
  });
}

function addResults(server: FastifyInstance, { arrivals }: Parts, whoIs: WhoIs): void {
  server.get<Named>('/results/:name', async (request, reply) => {
    const result = await arrivals.result(hashOf(request));
    return result ?? reply.code(404).send();
  });

  server.put<Named>('/results/:name', async (request, reply) => {
    const result = parse(workResultSchema, request.body, 'result');
    const { name } = whoIs(request);
    // Nobody speaks in another's name; no join's has an @ in it.
    if (!result.worker.startsWith(`${name}@`)) {
      throw new StudioError({
        code: 'forbidden',
        message: `The token is that of ${name}, the result says that it is of ${result.worker}.`,
      });
    }
    await arrivals.putResult(hashOf(request), result);
    return reply.code(204).send();
  });
}

type Admitted = Exclude<Admission, { readonly refused: string }>;
type WhoIs = (request: FastifyRequest) => Admitted;

interface Named {
  Params: { readonly name: string };
}

const hashOf = ({ params }: { readonly params: Named['Params'] }): string =>
  parse(hashSchema, params.name, 'name');

const statuses: Readonly<Partial<Record<ReturnType<typeof toErrorData>['code'], number>>> = {
  'invalid-input': 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'corrupt-file': 422,
  busy: 423,
  'disk-full': 507,
};

function answer(reply: FastifyReply, error: unknown, log: Log): FastifyReply {
  const data = toErrorData(error);
  const own = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined;
  const status = statuses[data.code] ?? (typeof own === 'number' ? own : 500);
  // A stranger may not go on sending.
  if (status === 403) void reply.header('connection', 'close');
  if (status >= 500) log.error('A worker’s request failed.', { message: data.message });
  return reply.code(status).send({ error: data });
}
