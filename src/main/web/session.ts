import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const secret = () => randomBytes(32).toString('base64url');
const digest = (text: string) => createHash('sha256').update(text).digest();

/** Equal, in a time that tells nothing of where they differ. */
const same = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));

/**
 * Who may talk to this server: one person, who read the token in the terminal. The token is good
 * while the server runs (the address may be opened again) and is exchanged for a cookie, so that it
 * stays out of the page's address.
 */
export interface Session {
  readonly token: string;
  /** A token good for one exchange, for command lines that others on the machine can read. */
  issueOnce(): string;
  /** Whether the token is good; uses a one-time token up. */
  exchange(token: string): boolean;
  readonly cookie: string;
  holds(cookie: string | undefined): boolean;
}

export function createSession(): Session {
  const token = secret();
  const cookie = secret();
  const once = new Set<string>();
  return {
    token,
    cookie,
    issueOnce() {
      const value = secret();
      once.add(value);
      return value;
    },
    exchange: (value) => same(value, token) || once.delete(value),
    holds: (value) => value !== undefined && same(value, cookie),
  };
}

/** Cookies know no ports: each server names its own, so that two of them do not log each other out. */
export const cookieName = (port: number) => `saliency-studio-${port}`;
