import { type Page, type Response } from '@playwright/test';
import { standing } from './rater';

/** Everything that reaches a browser, piece by piece, and the one-time ids among it. */
export interface Crawl {
  readonly pieces: { readonly where: string; readonly text: string }[];
  readonly ids: Set<string>;
  /** Frames that hold pixels. */
  readonly packed: Buffer[];
  snapshot(): Promise<void>;
  /** Whatever was on its way has been read. */
  settled(): Promise<unknown>;
}

export function crawl(page: Page): Crawl {
  const pieces: Crawl['pieces'] = [];
  const ids = new Set<string>();
  const packed: Buffer[] = [];
  const reading: Promise<void>[] = [];
  const read = async (response: Response) => {
    const where = response.url();
    pieces.push({ where: `the address ${where}`, text: where });
    const headers = await response.allHeaders().catch(() => null);
    pieces.push({ where: `headers of ${where}`, text: JSON.stringify(headers) });
    // A redirect has no body.
    const body = await response.text().catch(() => '');
    pieces.push({ where: `body of ${where}`, text: body });
  };
  page.on('response', (response) => void reading.push(read(response)));
  page.on('console', (message) => pieces.push({ where: 'the console', text: message.text() }));
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      // Also the bytes of pixels, a character each: nothing may hide behind a frame's header.
      const text = typeof payload === 'string' ? payload : payload.toString('latin1');
      if (typeof payload !== 'string') packed.push(payload);
      for (const [, id = ''] of text.matchAll(/"(?:image|map)":"([A-Za-z0-9_-]{22})"/g))
        ids.add(id);
      pieces.push({ where: 'a frame', text });
    });
  });
  return {
    pieces,
    ids,
    packed,
    settled: () => Promise.all(reading),
    async snapshot() {
      pieces.push({ where: `the DOM at ${await standing(page)}`, text: await page.content() });
      pieces.push({ where: 'the address', text: page.url() });
    },
  };
}

/** What a packed frame says of itself, all but its id, and how many bytes stand behind that. */
export function looksLike(packed: Buffer): string {
  const end = 4 + packed.readUInt32LE(0);
  const header = packed.subarray(4, end).toString();
  return `${header.replace(/"id":\d+/, '"id":0')} and ${packed.length - end} bytes`;
}

/** A text wherever it stands as a word of its own: "random" is a method, randomUUID is none. */
export function pattern(text: string): RegExp {
  const escaped = text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![a-z])${escaped}(?![a-z])`, 'i');
}

export const hits = ({ pieces }: Crawl, wanted: readonly RegExp[]): string[] =>
  pieces.flatMap(({ where, text }) =>
    wanted.flatMap((secret) => {
      const found = secret.exec(text);
      return found
        ? [
            `${secret.source} in ${where}: ${text.slice(Math.max(0, found.index - 40), found.index + 60)}`,
          ]
        : [];
    }),
  );
