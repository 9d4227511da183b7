import { batchesFor } from '../../../shared/catalogue/batch-sizes';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type BatchPurpose } from '../../../shared/catalogue/network';
import { type Rates } from '../../../shared/engine';
import { counted } from '../../../shared/format/counts';
import { type EngineHost } from '../engine/engine-host';
import { type Speed } from '../jobs/costs';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type MeasuredModel } from './model-form';
import { type RatesRepository } from './rates-repository';

interface Parts {
  readonly catalogues: Pick<Catalogues, 'networks'>;
  readonly clock: Clock;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly rates: RatesRepository;
}

export interface MeasuredRates extends Rates, Pick<Required<Speed>, 'batches'> {
  /** Device and threads, in words. */
  readonly on: string;
  readonly measuredAt: string;
}

/** After so many milliseconds rates are measured again: the machine may have been busy. */
const lifetime = 24 * 60 * 60 * 1000;

/** How fast this machine is, measured once a day per network, device and thread count. */
export class RatesService {
  readonly #parts: Parts;
  readonly #measuring = new Map<string, Promise<MeasuredRates>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Null where nothing was measured yet. */
  async stored(network: MeasuredModel): Promise<MeasuredRates | null> {
    const key = await this.#key(network);
    const found = this.#parts.rates.get(key);
    return found ? { ...found, ...(await this.#how(network)) } : null;
  }

  /** Rates of today, else measured now (about three seconds). Throws `engine-unavailable`. */
  async measured(network: MeasuredModel): Promise<MeasuredRates> {
    const stored = await this.stored(network);
    if (stored && this.#age(stored.measuredAt) < lifetime) return stored;
    const name = JSON.stringify(network);
    const running = this.#measuring.get(name);
    if (running) return running;
    const measuring = this.#measure(network);
    this.#measuring.set(name, measuring);
    const forget = () => this.#measuring.delete(name);
    // Where nothing can be stored, the running program keeps what it measured.
    void measuring.then(this.#parts.database.readonly ? () => undefined : forget, forget);
    return measuring;
  }

  #age(measuredAt: string): number {
    return this.#parts.clock.now().getTime() - new Date(measuredAt).getTime();
  }

  async #measure(network: MeasuredModel): Promise<MeasuredRates> {
    const { database, engine, rates } = this.#parts;
    const found = await engine.request('measure-rates', network, { lane: 'interactive' });
    const measuredAt = now(this.#parts);
    if (!database.readonly) rates.put(await this.#key(network), found, measuredAt);
    return { ...found, ...(await this.#how(network)), measuredAt };
  }

  async #key({ architecture, form }: MeasuredModel) {
    const { device, deviceName, threads } = await this.#parts.engine.ready();
    const machine = deviceName ? `${device ?? 'unknown'}: ${deviceName}` : (device ?? 'unknown');
    const { inputShape, classes, options } = form;
    const chosen = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
    const size = [
      inputShape.join('x'),
      `${classes} classes`,
      ...chosen.map(([, value]) => value),
    ].join(', ');
    return { architecture, form: size, device: machine, threads: threads ?? 0 };
  }

  async #how(network: MeasuredModel): Promise<Pick<MeasuredRates, 'batches' | 'on'>> {
    return { batches: await this.#batches(network), on: await this.#where() };
  }

  /** Of images of the network's form, by this engine's plan. */
  async #batches({ architecture, form }: MeasuredModel): Promise<MeasuredRates['batches']> {
    const network = this.#parts.catalogues.networks.find(architecture);
    if (!network) return undefined;
    const { plan } = await this.#parts.engine.ready();
    const sizeOf = (purpose: BatchPurpose) =>
      plan[`${architecture}/${purpose}`] ?? network.batches[purpose];
    const sizes = {
      train: sizeOf('train'),
      gradient: sizeOf('gradient'),
      forward: sizeOf('forward'),
    };
    return batchesFor(sizes, network, form);
  }

  async #where(): Promise<string> {
    const { device, deviceName, threads } = await this.#parts.engine.ready();
    const name = deviceName ?? device ?? 'this machine';
    return threads ? `${name}, ${counted(threads, 'thread')}` : name;
  }
}
