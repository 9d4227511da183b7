import { StudioError } from '../../../shared/errors';
import { type Machines, type QueueInput } from '../../../shared/machines';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type ExportStore } from '../storage/transit/export-store';
import { type WorkSettings } from './coordinator/work-settings';
import { type MadeJoin } from './joins/create-join';
import { type WorkerRates } from '../jobs/workers-forecast';
import { type QueueAddress } from './queue/address';
import { type KnownQueue } from './queue/queue-file';
import { placeOf } from './queue/queue-problem';
import { workerRates } from './worker-rates';

/** What is known now of the queue and its workers. */
export type MachinesNow = Pick<
  Machines,
  'listening' | 'unreached' | 'connection' | 'problem' | 'engineClass' | 'workers' | 'waiting'
>;

/** Whoever stands between the jobs and the queue. */
export interface Coordination {
  /** Look after the queue from now on. */
  begin(): void;
  now(): MachinesNow;
  /** The queue's address, the listener's or a join is another than before. */
  renew(): Promise<void>;
  /** @throws StudioError `not-found` where no such worker gave a sign of life */
  drain(worker: string, drain: boolean): Promise<void>;
  close(): void;
}

interface Parts {
  readonly coordination: Coordination;
  readonly exports: Pick<ExportStore, 'put'>;
  readonly queue: {
    read(): KnownQueue | null;
    write(queue: KnownQueue): void;
    forget(): void;
    /** Connect once. @throws StudioError with the cause in a sentence */
    check(address: QueueAddress): Promise<{ version: string }>;
  };
  readonly joins: {
    list(): Machines['joins'];
    /** @throws StudioError `conflict` where the name is taken */
    create(name: string, listen: string | null): Promise<MadeJoin>;
    /** @throws StudioError `not-found` where there is none */
    revoke(name: string): void;
  };
  readonly work: { read(): WorkSettings; write(settings: WorkSettings): void };
}

/** The settings of machines: the queue, who may join, where jobs are done. */
export class MachinesService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Once whoever writes the data directory is open. */
  begin(): void {
    this.#parts.coordination.begin();
  }

  close(): void {
    this.#parts.coordination.close();
  }

  /** Of the workers that a job would have now. */
  rates(): ReturnType<WorkerRates> {
    return workerRates(this.get());
  }

  get(): Machines {
    const { coordination, joins, queue, work } = this.#parts;
    const known = queue.read();
    const { workplace, threads } = work.read();
    return {
      queue: known && {
        host: known.address.host,
        port: known.address.port,
        username: known.address.username,
        password: known.address.password !== '',
        tls: known.address.tls !== null,
        ca: known.address.tls?.ca != null,
        trial: known.trial,
      },
      workplace,
      threads,
      ...coordination.now(),
      joins: joins.list(),
    };
  }

  async test(input: QueueInput): Promise<{ version: string }> {
    return this.#parts.queue.check(this.#addressOf(input));
  }

  /** Kept only where it can be used. */
  async setQueue(input: QueueInput): Promise<Machines> {
    const { coordination, queue } = this.#parts;
    const address = this.#addressOf(input);
    await queue.check(address);
    queue.write({ address, trial: false });
    await coordination.renew();
    return this.get();
  }

  async forgetQueue(): Promise<Machines> {
    const { coordination, queue } = this.#parts;
    queue.forget();
    await coordination.renew();
    return this.get();
  }

  async setWork(settings: RouteParsed<'machines.setWork'>): Promise<Machines> {
    const { coordination, work } = this.#parts;
    work.write(settings);
    await coordination.renew();
    return this.get();
  }

  async createJoin({
    name,
    listen,
  }: RouteParsed<'machines.createJoin'>): Promise<RouteOutput<'machines.createJoin'>> {
    const { coordination, exports, joins } = this.#parts;
    const { file: join, notes } = await joins.create(name, listen);
    await coordination.renew();
    const text = `${JSON.stringify(join, null, 2)}\n`;
    const file = await exports.put(`${join.name}.join.json`, 'application/json', text);
    return { file, notes: [...notes] };
  }

  async revokeJoin({ name }: RouteParsed<'machines.revokeJoin'>): Promise<Machines> {
    const { coordination, joins } = this.#parts;
    joins.revoke(name);
    await coordination.renew();
    return this.get();
  }

  async drain({ worker, drain }: RouteParsed<'machines.drain'>): Promise<Machines> {
    await this.#parts.coordination.drain(worker, drain);
    return this.get();
  }

  /** A stored password goes to the place that it was stored for, and to no other; an authority is no secret. */
  #addressOf({ password: given, tls, ...place }: QueueInput): QueueAddress {
    const stored = this.#parts.queue.read()?.address;
    const ca = tls?.ca ?? stored?.tls?.ca ?? '';
    const address = { ...place, tls: tls && { ca: ca === '' ? null : ca } };
    if (given !== null) return { ...address, password: given };
    if (!stored || stored.password === '') return { ...address, password: '' };
    const same = stored.host === address.host && stored.port === address.port;
    if (same) return { ...address, password: stored.password };
    throw new StudioError({
      code: 'invalid-input',
      field: 'password',
      message: `Give the password of ${placeOf(address)} (empty where it has none): the stored one is for ${placeOf(stored)}.`,
    });
  }
}
