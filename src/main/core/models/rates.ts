import { type Rates } from '../../../shared/engine';
import { type Core, now } from '../core';
import { type MeasuredModel } from './model-form';

export interface MeasuredRates extends Rates {
  /** Device and threads, in words. */
  readonly on: string;
  readonly measuredAt: string;
}

/** After so many milliseconds rates are measured again: the machine may have been busy. */
const lifetime = 24 * 60 * 60 * 1000;

/** How fast this machine is, measured once a day per network, device and thread count. */
export class RatesService {
  readonly #core: Core;
  readonly #measuring = new Map<string, Promise<MeasuredRates>>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Null where nothing was measured yet. */
  async stored(network: MeasuredModel): Promise<MeasuredRates | null> {
    const key = await this.#key(network);
    const found = this.#core.rates.get(key);
    return found ? { ...found, on: await this.#where() } : null;
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
    void measuring.then(this.#core.database.readonly ? () => undefined : forget, forget);
    return measuring;
  }

  #age(measuredAt: string): number {
    return this.#core.clock.now().getTime() - new Date(measuredAt).getTime();
  }

  async #measure(network: MeasuredModel): Promise<MeasuredRates> {
    const { database, engine, rates } = this.#core;
    const found = await engine.request('measure-rates', network, { lane: 'interactive' });
    const measuredAt = now(this.#core);
    if (!database.readonly) rates.put(await this.#key(network), found, measuredAt);
    return { ...found, on: await this.#where(), measuredAt };
  }

  async #key({ architecture, form }: MeasuredModel) {
    const { device, deviceName, threads } = await this.#core.engine.ready();
    const machine = deviceName ? `${device ?? 'unknown'}: ${deviceName}` : (device ?? 'unknown');
    const { inputShape, classes, stem } = form;
    const size = `${inputShape.join('x')}, ${classes} classes, ${stem}`;
    return { architecture, form: size, device: machine, threads: threads ?? 0 };
  }

  async #where(): Promise<string> {
    const { device, deviceName, threads } = await this.#core.engine.ready();
    const name = deviceName ?? device ?? 'this machine';
    return threads ? `${name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : name;
  }
}
