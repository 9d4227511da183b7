import { mkdirSync } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { type IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type EngineProgress } from '../../../shared/engine';
import { reasonOf, StudioError } from '../../../shared/errors';
import { formatCount } from '../../../shared/format/counts';
import { hashFile } from '../artifacts/hash';
import { storageError } from '../storage/storage-error';
import { get } from './http';

export interface Download {
  readonly url: string;
  /** Where the whole file goes; until then it grows beside it as `<target>.part`. */
  readonly target: string;
  /** Bytes to expect until the server says how many. */
  readonly bytes: number;
  /** The published checksum, and where it is published. */
  readonly md5: string;
  readonly publishedAt: string;
  readonly signal: AbortSignal;
  readonly report: (progress: EngineProgress) => void;
  /** Milliseconds to wait before each new attempt; an attempt that brought something starts anew. */
  readonly waits?: readonly number[];
  /** Milliseconds without a byte after which a connection counts as cut off. */
  readonly silence?: number;
}

/** What is known of a partial file: by it the rest can be asked for. */
const stateSchema = z.object({
  url: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  total: z.int().nullable(),
});
type State = z.output<typeof stateSchema>;

/** The server answered, and not with the file. */
class Refused extends Error {
  readonly final: boolean;

  constructor(status: number, text: string) {
    super(`the server answered ${status} ${text}`.trim());
    this.final = status < 500 && ![408, 416, 425, 429].includes(status);
  }
}

/**
 * Download a file, from where an earlier attempt stopped if the server's file is still the same, and
 * check it. Answers once it stands at `target`, whole. A file that stands there already is checked
 * alone.
 *
 * @throws StudioError `cancelled` (what came stays), `dataset-missing` (the server cannot be reached
 *   or refuses), `corrupt-file` (another checksum than the published one: deleted), `disk-full`
 */
export async function download(options: Download): Promise<void> {
  const { target, signal } = options;
  const part = `${target}.part`;
  const state = `${target}.part.json`;
  mkdirSync(dirname(target), { recursive: true });
  if (await sizeOf(target)) {
    if ((await hashFile(target, 'md5', 'hex', signal)) === options.md5) return;
    await rm(target, { force: true });
  }
  await transferAll(options, part, state);
  const found = await hashFile(part, 'md5', 'hex', signal);
  if (found !== options.md5) {
    await rm(part, { force: true });
    await rm(state, { force: true });
    throw new StudioError({
      code: 'corrupt-file',
      message: `What came from ${options.url} is not the published file: its MD5 is ${found}, and ${options.publishedAt} states ${options.md5}. It was deleted; try again, or install from an archive that you trust.`,
      details: { url: options.url, found, published: options.md5 },
    });
  }
  await rename(part, target);
  await rm(state, { force: true });
}

/** Delete what a download left: the file, or a part of it. */
export async function forgetDownload(target: string): Promise<void> {
  for (const path of [target, `${target}.part`, `${target}.part.json`]) {
    await rm(path, { force: true });
  }
}

async function transferAll(options: Download, part: string, state: string): Promise<void> {
  const { url, signal, waits = [1000, 2000, 5000, 10_000, 20_000] } = options;
  for (let failures = 0; ;) {
    const before = await sizeOf(part);
    try {
      return await transfer(options, part, state);
    } catch (error) {
      signal.throwIfAborted();
      const known = storageError(error, dirname(part));
      if (known instanceof StudioError) throw known;
      const after = await sizeOf(part);
      if (after > before) failures = 0;
      const wait = waits[failures];
      if (wait === undefined || (error instanceof Refused && error.final)) {
        throw unreachable(url, error, after);
      }
      failures += 1;
      await delay(wait, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}

/** One connection: the rest of the partial file, or all of it. */
async function transfer(options: Download, part: string, statePath: string): Promise<void> {
  const { url, signal, silence = 30_000 } = options;
  const known = await readState(statePath, url);
  const validator = known && (strong(known.etag) ?? known.lastModified);
  const have = validator ? await sizeOf(part) : 0;
  if (known && have > 0 && have === known.total) return;
  const response = await get(url, {
    headers: {
      'user-agent': 'saliency-studio',
      'accept-encoding': 'identity',
      ...(have > 0 && validator ? { range: `bytes=${have}-`, 'if-range': validator } : {}),
    },
    signal,
    silence,
  });
  try {
    const { statusCode = 0, statusMessage = '' } = response;
    if (statusCode === 206 && continues(response, have, known)) {
      await append(options, response, part, have, totalOf(response));
    } else if (statusCode === 200) {
      const next = describe(response, url);
      await rm(part, { force: true });
      await writeFile(statePath, JSON.stringify(next));
      await append(options, response, part, 0, next.total);
    } else {
      // The server's file is another one than the part is of: begin anew.
      if (statusCode === 206 || statusCode === 416) await rm(part, { force: true });
      throw new Refused(statusCode === 206 ? 416 : statusCode, statusMessage);
    }
  } finally {
    response.destroy();
  }
}

async function append(
  { report, bytes }: Download,
  response: IncomingMessage,
  part: string,
  from: number,
  total: number | null,
): Promise<void> {
  const file = await open(part, from === 0 ? 'w' : 'r+');
  let done = from;
  try {
    const tell = () => report({ done, total: total ?? Math.max(bytes, done), unit: 'bytes' });
    tell();
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      await file.write(chunk, 0, chunk.length, done);
      done += chunk.length;
      tell();
    }
  } finally {
    await file.close();
  }
  if (total !== null && done !== total) {
    throw new Error(`the connection ended after ${done} of ${total} bytes`);
  }
}

function describe(response: IncomingMessage, url: string): State {
  const { etag = null, 'last-modified': lastModified = null } = response.headers;
  return { url, etag, lastModified, total: lengthOf(response) };
}

/** Whether a partial answer is what comes after what we have, of the same file. */
function continues(response: IncomingMessage, have: number, known: State | null): boolean {
  const { etag } = response.headers;
  const range = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '');
  const same = etag === undefined || known?.etag == null || etag === known.etag;
  return range !== null && Number(range[1]) === have && same;
}

function totalOf(response: IncomingMessage): number | null {
  const total = /\/(\d+)$/.exec(response.headers['content-range'] ?? '');
  return total ? Number(total[1]) : null;
}

function lengthOf(response: IncomingMessage): number | null {
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  return Number.isSafeInteger(length) ? length : null;
}

/** A weak tag does not promise the same bytes. */
function strong(etag: string | null): string | null {
  return etag === null || etag.startsWith('W/') ? null : etag;
}

async function readState(path: string, url: string): Promise<State | null> {
  try {
    const state = stateSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return state.url === url ? state : null;
  } catch {
    return null;
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function unreachable(url: string, error: unknown, have: number): StudioError {
  const reason = reasonOf(error);
  const kept =
    have > 0 ? ` ${formatCount(have)} bytes are kept: the next attempt goes on there.` : '';
  return new StudioError(
    {
      code: 'dataset-missing',
      message: `${url} cannot be downloaded: ${reason}.${kept} Check the network and try again, or install from a local archive.`,
      details: { url, reason },
    },
    error,
  );
}
