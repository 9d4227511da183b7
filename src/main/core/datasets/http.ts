import { once } from 'node:events';
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/**
 * `fetch` would undo a content encoding that some servers declare for archives, and with it the
 * published checksum and the meaning of a byte range; here the bytes stay as they are sent.
 */
export interface GetOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which the connection is given up. */
  readonly silence: number;
}

const maxRedirects = 5;

/** GET, following redirects; proxies are those of the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY). */
export async function get(url: string, options: GetOptions): Promise<IncomingMessage> {
  let at = new URL(url);
  for (let hops = 0; ; hops += 1) {
    const response = await getOnce(at, options);
    const { statusCode = 0, headers } = response;
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) {
      return response;
    }
    response.destroy();
    const next = new URL(headers.location, at);
    if (hops === maxRedirects) throw new Error(`it redirects more than ${maxRedirects} times`);
    if (at.protocol === 'https:' && next.protocol !== 'https:') {
      throw new Error(`it redirects from a secure address to ${next.href}`);
    }
    at = next;
  }
}

async function getOnce(url: URL, options: GetOptions): Promise<IncomingMessage> {
  const { headers, signal, silence } = options;
  const secure = url.protocol === 'https:';
  const request = secure
    ? httpsRequest(url, { headers, signal, agent: new HttpsAgent({ proxyEnv: process.env }) })
    : httpRequest(url, { headers, signal, agent: new HttpAgent({ proxyEnv: process.env }) });
  request.setTimeout(silence, () => {
    request.destroy(new Error(`nothing came for ${Math.round(silence / 1000)} seconds`));
  });
  // Once there is a response, its reader is told; nobody listens to the request any more.
  request.on('error', () => undefined);
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}
