import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { errorSchema, fileFailure, StudioError, toErrorData } from '../../../../shared/errors';
import { hashFile } from '../../artifacts/hash';
import { type JoinFile } from '../join-file';
import { type WorkResult, workResultSchema } from '../work-chain';
import { type Exchange, type ExchangeOptions } from './exchange';
import { certificateFault } from './unreachable';

/** Milliseconds without a byte after which a connection is given up and begun again. */
const silence = 15_000;
const retryDelay = (attempt: number): number => Math.min(250 * attempt, 2_000);

export interface HttpExchangeOptions {
  readonly coordinator: Pick<JoinFile['coordinator'], 'url' | 'ca' | 'token'>;
  /** Told when the coordinator cannot be reached, and when it can again. */
  readonly onAway?: (away: boolean) => void;
  readonly silence?: number;
}

/** A worker's side of the coordinator's listener. While that is away, everything waits and tries again. */
export class HttpExchange implements Exchange {
  readonly #options: HttpExchangeOptions;
  readonly #agent: HttpAgent | HttpsAgent;
  #away = false;

  constructor(options: HttpExchangeOptions) {
    this.#options = options;
    const { url, ca } = options.coordinator;
    this.#agent = url.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true, ...(ca === null ? {} : { ca }) })
      : new HttpAgent({ keepAlive: true });
  }

  /** What the coordinator says of itself. */
  hello({ signal }: ExchangeOptions): Promise<{ prefix: string; version: string }> {
    return this.#persist(signal, async () => {
      const { body } = await this.#ask('GET', '/hello', { signal });
      return z.object({ prefix: z.string(), version: z.string() }).parse(JSON.parse(body));
    });
  }

  fetchBlob(
    { sha256, bytes }: { sha256: string; bytes: number },
    file: string,
    { signal }: ExchangeOptions,
  ): Promise<void> {
    const part = `${file}.part`;
    return this.#persist(signal, async () => {
      const there = (await stat(part).catch(() => null))?.size ?? 0;
      const from = there < bytes ? there : 0;
      if (from === 0) await rm(part, { force: true });
      const headers = from > 0 ? { range: `bytes=${from}-` } : {};
      const response = await this.#open('GET', `/blobs/${sha256}`, { signal, headers });
      // Whoever does not know ranges sends all of it.
      const flags = response.statusCode === 206 ? 'a' : 'w';
      try {
        await pipeline(response, createWriteStream(part, { flags }), { signal });
      } catch (error) {
        throw fileFailure(error, part);
      }
      if ((await stat(part)).size < bytes) throw new BrokenOff();
      if ((await hashFile(part, 'sha256')) !== sha256) {
        await rm(part, { force: true });
        throw new StudioError({
          code: 'corrupt-file',
          message: `The coordinator sent a file that is not ${sha256}.`,
        });
      }
      await rename(part, file);
    });
  }

  putBlob(
    { sha256, bytes }: { sha256: string; bytes: number },
    file: string,
    { signal }: ExchangeOptions,
  ): Promise<void> {
    return this.#persist(signal, async () => {
      const held = await this.#open('HEAD', `/blobs/${sha256}`, { signal }, [404]);
      held.resume();
      if (held.headers['upload-complete'] === '?1') return;
      const there = held.statusCode === 404 ? 0 : Number(held.headers['upload-offset'] ?? 0);
      // A part with nothing to follow was never checked to its end: it is begun anew.
      const from = there < bytes ? there : 0;
      await this.#ask('PUT', `/blobs/${sha256}`, {
        signal,
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(bytes - from),
          'content-range': bytes === 0 ? 'bytes */0' : `bytes ${from}-${bytes - 1}/${bytes}`,
        },
        body: () => createReadStream(file, { start: from, highWaterMark: 1 << 20 }),
      });
    });
  }

  result(request: string, { signal }: ExchangeOptions): Promise<WorkResult | null> {
    return this.#persist(signal, async () => {
      const { status, body } = await this.#ask('GET', `/results/${request}`, { signal }, [404]);
      return status === 404 ? null : workResultSchema.parse(JSON.parse(body));
    });
  }

  putResult(request: string, result: WorkResult, { signal }: ExchangeOptions): Promise<void> {
    const body = JSON.stringify(result);
    return this.#persist(signal, async () => {
      await this.#ask('PUT', `/results/${request}`, {
        signal,
        headers: {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
        },
        body: () => body,
      });
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Try until it is done, as long as the other side may only be away or busy. */
  async #persist<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    const { url } = this.#options.coordinator;
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        const done = await task();
        this.#setAway(false);
        return done;
      } catch (error) {
        signal.throwIfAborted();
        const fault = certificateFault(error, url);
        if (fault) throw fault;
        if (error instanceof z.ZodError || error instanceof SyntaxError) throw notOurs(url, error);
        if (error instanceof StudioError && error.code !== 'busy') throw error;
        // Only who is not there is away; a part that is being sent by another is waited for.
        if (!(error instanceof StudioError)) this.#setAway(true);
        await pause(retryDelay(attempt), signal);
      }
    }
  }

  #setAway(away: boolean): void {
    if (this.#away === away) return;
    this.#away = away;
    this.#options.onAway?.(away);
  }

  async #ask(
    method: string,
    path: string,
    asked: Asked,
    taken: readonly number[] = [],
  ): Promise<{ status: number; body: string }> {
    const response = await this.#open(method, path, asked, taken);
    return { status: response.statusCode ?? 0, body: await text(response) };
  }

  /** The head of an answer. Throws what the coordinator refuses, but for the statuses that are taken. */
  async #open(
    method: string,
    path: string,
    asked: Asked,
    taken: readonly number[] = [],
  ): Promise<IncomingMessage> {
    const response = await this.#send(method, path, asked);
    const status = response.statusCode ?? 0;
    if ((status >= 200 && status < 300) || taken.includes(status)) return response;
    const body = await text(response);
    throw refusal(status, body) ?? new BrokenOff(`status ${status}`);
  }

  #send(method: string, path: string, { signal, headers, body }: Asked): Promise<IncomingMessage> {
    const { url, token } = this.#options.coordinator;
    return new Promise((resolve, reject) => {
      const options = {
        method,
        agent: this.#agent,
        signal,
        headers: { authorization: `Bearer ${token}`, ...headers },
      };
      const address = new URL(path, url);
      const request =
        address.protocol === 'https:'
          ? httpsRequest(address, options, resolve)
          : httpRequest(address, options, resolve);
      request.on('error', reject);
      request.setTimeout(this.#options.silence ?? silence, () =>
        request.destroy(new BrokenOff('no byte came for too long')),
      );
      const content = body?.();
      if (content === undefined || typeof content === 'string') request.end(content);
      else {
        content.on('error', (error) => request.destroy(error));
        // Who refuses before all of it is sent has answered all the same.
        content.pipe(request);
      }
    });
  }
}

interface Asked {
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each attempt. */
  readonly body?: () => string | Readable;
}

/** The connection ended before all of it was there. */
class BrokenOff extends Error {
  constructor(why = 'the connection ended early') {
    super(why);
    this.name = 'BrokenOff';
  }
}

/** What the coordinator says that is wrong; null where it may be right a little later. */
function refusal(status: number, body: string): StudioError | null {
  const parsed = z.object({ error: errorSchema }).safeParse(jsonOf(body));
  if (parsed.data) {
    // A disk that is full there may be mended while workers wait.
    return parsed.data.error.code === 'disk-full' || status >= 500
      ? null
      : new StudioError(parsed.data.error);
  }
  return status >= 400 && status < 500
    ? new StudioError({
        code: 'forbidden',
        message: `The coordinator answered with status ${status}: is it a Saliency Studio?`,
      })
    : null;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function notOurs(url: string, error: unknown): StudioError {
  return new StudioError(
    {
      code: 'forbidden',
      message: `What answers at ${url} is not this version of Saliency Studio: ${toErrorData(error).message}`,
    },
    error,
  );
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', abort, { once: true });
  });
}
