import { type Machines, machineRoutes, type QueueInput } from '../../../shared/machines';

/** The address of a queue as it is typed. */
export interface QueueForm {
  host: string;
  port: number | null;
  username: string;
  password: string;
  /** What is stored stays, unless another is given. */
  keepPassword: boolean;
  tls: boolean;
  ca: File | null;
  keepCa: boolean;
  /** What there is to keep. */
  stored: { readonly password: boolean; readonly ca: boolean };
}

export const usualPort = 6379;

/** What is stored, to be changed; an empty form without. */
export function queueForm(stored: Machines['queue']): QueueForm {
  return {
    host: stored?.host ?? '127.0.0.1',
    port: stored?.port ?? usualPort,
    username: stored?.username ?? '',
    password: '',
    keepPassword: stored?.password ?? false,
    tls: stored?.tls ?? false,
    ca: null,
    keepCa: stored?.ca ?? false,
    stored: { password: stored?.password ?? false, ca: stored?.ca ?? false },
  };
}

/** What is accepted instead, by field; empty: all of it can be sent. */
export function queueErrors({ host, port }: QueueForm): Partial<Record<'host' | 'port', string>> {
  const { input } = machineRoutes['machines.setQueue'];
  const read = input.safeParse({ host, port });
  if (read.success) return {};
  return Object.fromEntries(read.error.issues.map(({ path, message }) => [path[0], message]));
}

/** What is sent; the file of the authority is read here, for it is small. */
export async function queueInput(form: QueueForm): Promise<QueueInput> {
  const { host, port, username, password, keepPassword, tls, ca, keepCa } = form;
  return {
    host: host.trim(),
    port: Number(port),
    username: username.trim(),
    password: password === '' && keepPassword ? null : password,
    tls: tls ? { ca: ca ? await ca.text() : keepCa ? null : '' } : null,
  };
}
