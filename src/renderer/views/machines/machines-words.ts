import { lockOut } from '../../../shared/lock-out';
import {
  type JoinRecord,
  type Machines,
  type WorkerRecord,
  type Workplace,
} from '../../../shared/machines';

/** HOST:PORT, an IPv6 address in brackets. */
export const addressOf = ({ host, port }: { host: string; port: number }): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** The heading above why it is so. */
export const connectionWords: Readonly<Record<Machines['connection'], string>> = {
  none: 'Not connected',
  connecting: 'Connecting',
  connected: 'Connected, but something is wrong',
  lost: 'The queue is not reached',
};

export const workplaceHelp: Readonly<Record<Workplace, string>> = {
  here: 'Workers get nothing to do.',
  both: 'This machine works beside them. A result is the same bytes wherever it was computed.',
  queue: 'This machine stays free; without workers nothing moves.',
};

/** Why a worker takes nothing of this machine’s runs; null: it does. */
export const whyIdle = ({ difference, problem }: WorkerRecord): string | null =>
  difference ?? problem;

/** Its speed beside this machine's, per item. */
export const rateText = ({ rate }: WorkerRecord): string =>
  rate === null ? '–' : `${rate.toFixed(rate < 10 ? 2 : 0)} ×`;

/** Whether it may join. */
export const joinState = ({ revokedAt, lastUsed }: JoinRecord): string =>
  revokedAt !== null ? 'revoked' : lastUsed === null ? 'unused' : 'used';

/** What revoking does, and what it does not. */
export const revokeText = (name: string, queue: Machines['queue']): string =>
  `Workers that joined with ${name} bring this application no more results from now on: their token is refused, and what they are at is begun again elsewhere. A shared folder asks for no token: the rights to it alone keep a machine out. Their join file still holds the queue’s user and password, which all joins share: to lock their machine out of the queue too, ${lockOut(queue)}, and make new join files for the others.`;
