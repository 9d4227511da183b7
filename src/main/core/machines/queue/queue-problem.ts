import { type ErrorCode, StudioError } from '../../../../shared/errors';
import { systemError } from '../../../../shared/system-error';
import { setUserLine } from './acl';
import { type QueueAddress } from './address';

/** What keeps a queue from being used, in one closed list (`details.queue` of the error). */
export type QueueProblem =
  | 'unknown-host'
  | 'unreachable'
  | 'silent'
  | 'wants-tls'
  | 'no-tls'
  | 'wants-certificate'
  | 'wrong-ca'
  | 'wrong-name'
  | 'expired'
  | 'no-redis'
  | 'wrong-password'
  | 'wants-password'
  | 'wants-none'
  | 'protected'
  | 'narrow-rights'
  | 'too-old'
  | 'evicts'
  | 'replica'
  | 'cluster'
  | 'full'
  | 'refuses';

/** Those that may pass by themselves: whoever waits for the queue goes on waiting. */
export const passing: ReadonlySet<QueueProblem> = new Set([
  'unknown-host',
  'unreachable',
  'silent',
  'full',
]);

const codes: Partial<Record<QueueProblem, ErrorCode>> = {
  'unknown-host': 'not-found',
  unreachable: 'not-found',
  silent: 'not-found',
  'wrong-password': 'forbidden',
  'wants-password': 'forbidden',
  'wants-none': 'forbidden',
  'narrow-rights': 'forbidden',
  full: 'disk-full',
};

/** `HOST:PORT`. */
export const placeOf = ({ host, port }: Pick<QueueAddress, 'host' | 'port'>): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** Which problem an error of `checkQueue` is about; null for another. */
export function problemOf(error: unknown): QueueProblem | null {
  const named = error instanceof StudioError ? error.data.details?.['queue'] : undefined;
  return (named as QueueProblem | undefined) ?? null;
}

/** A sentence about the queue that a person can act on; it begins with the place. */
export function queueProblem(
  queue: QueueProblem,
  address: QueueAddress,
  clause: string,
  cause?: unknown,
): StudioError {
  const message = `The queue at ${placeOf(address)} ${clause}.`;
  return new StudioError({ code: codes[queue] ?? 'conflict', message, details: { queue } }, cause);
}

/** Codes by which TLS says that nobody who is trusted signed the certificate. */
const distrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
]);

export const closes =
  'closes the connection at once: what stands before it does not reach it, or it does not take this machine';

/** Whether TLS itself reports a refusal by the other side, which speaks it, then. */
export const isTlsAlert = (error: unknown): boolean =>
  /^ERR_SSL_.*(ALERT|CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)/.test(textOf(error, 'code'));

const speaksNoTls = 'does not speak TLS: switch TLS off, or give the port at which it does';

/**
 * What went wrong with a connection or a command, as a sentence.
 *
 * @param error as ioredis reports it; null: the connection was closed without one
 * @param prefix of the keys that were asked for
 */
export function explainQueue(error: unknown, address: QueueAddress, prefix: string): StudioError {
  const say = (problem: QueueProblem, clause: string) =>
    queueProblem(problem, address, clause, error);
  if (error === null) {
    return address.tls === null
      ? say('wants-tls', 'closes the connection at once, as it wants TLS: switch it on')
      : say('unreachable', closes);
  }
  const code = textOf(error, 'code');
  const message = textOf(error, 'message');
  if (code !== '') return explainConnection(code, error, address, say);
  if (/Unknown RESP type|Protocol error, got/.test(message)) {
    return say('no-redis', 'is no Redis or Valkey: something else answers there. Check the port');
  }
  return explainReply(message, commandOf(error), address, prefix, say);
}

type Say = (problem: QueueProblem, clause: string) => StudioError;

function explainConnection(
  code: string,
  error: unknown,
  address: QueueAddress,
  say: Say,
): StudioError {
  const tls = address.tls !== null;
  if (distrusted.has(code)) {
    return say(
      'wrong-ca',
      address.tls?.ca === null
        ? 'shows a certificate that nobody signed whom this machine trusts: give the CA that signed it (PEM)'
        : 'shows a certificate that the given CA did not sign: give the CA (PEM) of this queue',
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return say(
      'expired',
      'shows a certificate that is not valid today: renew it, or set this machine’s clock right',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return say(
      'wrong-name',
      `shows a certificate for another name than ${address.host}: give the name that stands in it, or add this one to it`,
    );
  }
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE/.test(code)) {
    return say(
      'wants-certificate',
      'wants a certificate of ours, which is not supported: set tls-auth-clients no there',
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return say(
      'unknown-host',
      `cannot be found: the network knows no ${address.host}. Check the name`,
    );
  }
  if (code === 'ECONNREFUSED') {
    return say(
      'unreachable',
      'cannot be reached: nothing listens there. Check host and port, and whether it runs',
    );
  }
  if (code === 'ETIMEDOUT') return tls ? say('silent', silentTls) : say('silent', silentPlain);
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return explainQueue(null, address, '');
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') return say('no-tls', speaksNoTls);
  const words = systemError(error, placeOf(address));
  return say('unreachable', `cannot be reached: ${words?.reason ?? 'the connection failed'}`);
}

export const silentPlain =
  'does not answer: check host, port and firewalls, and whether it wants TLS';
export const silentTls =
  'does not answer: check host, port and firewalls, and whether it speaks TLS there';

function explainReply(
  message: string,
  command: string,
  address: QueueAddress,
  prefix: string,
  say: Say,
): StudioError {
  const user = address.username === '' ? 'default' : address.username;
  if (message.startsWith('WRONGPASS') || message.startsWith('ERR invalid password')) {
    return say('wrong-password', `does not take this password for its user ${user}`);
  }
  if (message.includes('without any password configured')) {
    return say('wants-none', `has no password for its user ${user}: leave the password empty`);
  }
  if (message.startsWith('NOAUTH')) {
    return say('wants-password', 'wants a password (and a user, where it has several)');
  }
  if (message.startsWith('DENIED')) {
    return say(
      'protected',
      'lets no other machine in: it is in protected mode and its default user has no password. Give that one a password, or type: ACL SETUSER default off resetpass',
    );
  }
  if (message.includes('NOPERM') || message.includes('ACL failure')) {
    const what = /channel/.test(message)
      ? `use channels that begin with ${prefix}:`
      : /\bkeys?\b/.test(message)
        ? `use keys that begin with ${prefix}:`
        : `run ${command}`;
    return say(
      'narrow-rights',
      `does not let its user ${user} ${what}. What it needs is: \`${setUserLine(prefix, user)}\``,
    );
  }
  if (/^(OOM|MISCONF)/.test(message)) {
    return say('full', 'takes nothing in: its memory or its disk is full');
  }
  if (/^(LOADING|BUSY|MASTERDOWN|TRYAGAIN)/.test(message)) {
    return say('silent', 'is busy with itself: try again in a moment');
  }
  if (message.startsWith('READONLY')) return say('replica', replica);
  if (message.includes('max number of clients')) {
    return say('refuses', 'takes no more connections: raise its maxclients');
  }
  // Before Redis 6 there were no users.
  if (/unknown command|wrong number of arguments for 'auth'/i.test(message)) {
    return say('too-old', `does not know ${command}: it must be Redis 6.2 or newer, or Valkey`);
  }
  return say('refuses', `refuses ${command}`);
}

export const replica = 'is a read-only copy of another: give the address of the one that it copies';

function textOf(error: unknown, name: 'code' | 'message'): string {
  const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined;
  return typeof value === 'string' ? value : '';
}

function commandOf(error: unknown): string {
  const command: unknown = error instanceof Error ? Reflect.get(error, 'command') : undefined;
  const name: unknown =
    typeof command === 'object' && command !== null ? Reflect.get(command, 'name') : undefined;
  return typeof name === 'string' ? name.toUpperCase() : 'a command';
}
