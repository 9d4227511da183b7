import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { researcher, type Who } from '../core/sessions/caller';

const secret = () => randomBytes(32).toString('base64url');
const digest = (text: string) => createHash('sha256').update(text).digest();

/** Equal, in a time that tells nothing of where they differ. */
const same = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));

/** What a token was exchanged for. */
export interface Grant {
  readonly cookie: string;
  readonly who: Who;
  /** Whether the cookie outlives the browser: a rater comes back another day. */
  readonly lasting: boolean;
}

/**
 * Who may talk to this server: the person who read the token in the terminal, and raters by the
 * token of their link. The first is good while the server runs (the address may be opened again), a
 * rater's as long as it is the rater's newest, across restarts. Both are exchanged for a cookie, so
 * that they stay out of the page's address.
 */
export interface Session {
  readonly token: string;
  /** A token good for one exchange, for command lines that others on the machine can read. */
  issueOnce(): string;
  /** What a token is good for, null where it is good for nothing; uses a one-time token up. */
  exchange(token: string): Grant | null;
  /** Whose cookie this is; asked anew each time, because a rater's link may have ended since. */
  who(cookie: string | undefined): Who | null;
}

/** @param raterOf the rater of a link's token, null where no link that is good has it */
export function createSession(raterOf: (token: string) => string | null): Session {
  const token = secret();
  const cookie = secret();
  const once = new Set<string>();
  const annotator = (value: string): Who | null => {
    const rater = raterOf(value);
    return rater === null ? null : { role: 'annotator', rater };
  };
  return {
    token,
    issueOnce() {
      const value = secret();
      once.add(value);
      return value;
    },
    exchange(value) {
      if (same(value, token) || once.delete(value)) {
        return { cookie, who: researcher, lasting: false };
      }
      // A rater's cookie is the link's own token: it survives a restart and ends with the link.
      const who = annotator(value);
      return who && { cookie: value, who, lasting: true };
    },
    who(value) {
      if (value === undefined) return null;
      return same(value, cookie) ? researcher : annotator(value);
    },
  };
}

/** Whether two are the same person to this server. */
export const sameWho = (a: Who, b: Who): boolean => a.role === b.role && a.rater === b.rater;

/** Cookies know no ports: each server names its own, so that two of them do not log each other out. */
export const cookieName = (port: number) => `saliency-studio-${port}`;
