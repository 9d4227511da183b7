import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Readable } from 'node:stream';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parse, StudioError, toErrorData } from '../../../../shared/errors';
import { type Log } from '../../storage/environment';
import { type Admission } from '../joins/joins';
import { hashSchema, workResultSchema } from '../work-chain';
import { type Arrivals } from './arrivals';

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

const rangeSchema = z
  .string()
  .regex(/^bytes (\d+)-(\d+)\/(\d+)$/, 'bytes FIRST-LAST/ALL')
  .transform((text) => text.match(/\d+/g)?.map(Number) as [number, number, number]);

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
    tls ? Fastify({ ...options, https: { key: tls.key, cert: tls.cert } }) : Fastify(options)
  ) as FastifyInstance;
  server.setErrorHandler((error, _request, reply) => answer(reply, error, parts.log));
  server.setNotFoundHandler(() => {
    throw new StudioError({ code: 'not-found', message: 'There is nothing at this address.' });
  });
  server.addContentTypeParser('application/octet-stream', (_request, payload, done) =>
    done(null, payload),
  );
  const names = new WeakMap<FastifyRequest, string>();
  server.addHook('onRequest', async (request) => {
    const [, token = ''] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    const admission = parts.admit(token);
    if ('refused' in admission) {
      throw new StudioError({ code: 'forbidden', message: admission.refused });
    }
    names.set(request, admission.name);
  });
  server.get('/hello', async () => parts.hello);
  addBlobs(server, parts);
  addResults(server, parts, (request) => names.get(request) ?? '');
  await server.listen({ host, port });
  const address = server.server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server listens nowhere.');
  return { port: address.port, close: () => server.close() };
}

function addBlobs(server: FastifyInstance, { arrivals, find }: Parts): void {
  const located = async (sha256: string) =>
    (await arrivals.held(sha256))?.whole ? arrivals.blob(sha256) : find(sha256);

  server.head<Named>('/blobs/:name', async (request, reply) => {
    const sha256 = hashOf(request);
    const held = await arrivals.held(sha256);
    if (!held) return reply.code(404).send();
    return reply
      .headers({
        'upload-offset': String(held.bytes),
        'upload-complete': held.whole ? '?1' : '?0',
      })
      .send();
  });

  server.put<Named & { Body: Readable }>(
    '/blobs/:name',
    { bodyLimit: largestBlob },
    async (request, reply) => {
      const sha256 = hashOf(request);
      const [first, last, all] = parse(
        rangeSchema,
        request.headers['content-range'] ?? '',
        'content-range',
      );
      if (all > largestBlob || last >= all || first > last) {
        throw new StudioError({
          code: 'invalid-input',
          message: `content-range is out of bounds; accepted: a file of at most ${largestBlob} bytes.`,
        });
      }
      await arrivals.receive(sha256, all, first, request.body);
      return reply.code(204).send();
    },
  );

  server.get<Named>('/blobs/:name', { exposeHeadRoute: false }, async (request, reply) => {
    const sha256 = hashOf(request);
    const path = await located(sha256);
    if (path === null) {
      throw new StudioError({ code: 'not-found', message: `There is no file ${sha256}.` });
    }
    const { size } = await stat(path);
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const first = from === undefined ? 0 : Number(from);
    if (first > 0 && first >= size) return reply.code(416).send();
    void reply
      .code(first > 0 ? 206 : 200)
      .type('application/octet-stream')
      .header('content-length', size - first);
    if (first > 0) void reply.header('content-range', `bytes ${first}-${size - 1}/${size}`);
    return reply.send(createReadStream(path, { start: first, highWaterMark: 1 << 20 }));
  });
}

function addResults(
  server: FastifyInstance,
  { arrivals }: Parts,
  nameOf: (request: FastifyRequest) => string,
): void {
  server.get<Named>('/results/:name', async (request, reply) => {
    const result = await arrivals.result(hashOf(request));
    return result ?? reply.code(404).send();
  });

  server.put<Named>('/results/:name', async (request, reply) => {
    const result = parse(workResultSchema, request.body, 'result');
    const name = nameOf(request);
    // Nobody speaks in another's name.
    if (!result.worker.startsWith(`${name}-`)) {
      throw new StudioError({
        code: 'forbidden',
        message: `The token is that of ${name}, the result says that it is of ${result.worker}.`,
      });
    }
    await arrivals.putResult(hashOf(request), result);
    return reply.code(204).send();
  });
}

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
  if (status >= 500) log.error('A worker’s request failed.', { message: data.message });
  return reply.code(status).send({ error: data });
}
