import { type Architecture } from '../../../shared/catalogue/datasets';
import { type Rates } from '../../../shared/engine';
import { type Core, now } from './core';

export interface MeasuredRates extends Rates {
  /** Device and threads, in words. */
  readonly on: string;
  readonly measuredAt: string;
}

/** After so many milliseconds rates are measured again: the machine may have been busy. */
const lifetime = 24 * 60 * 60 * 1000;

/** How fast this machine is, measured once a day per architecture, device and thread count. */
export class RatesService {
  readonly #core: Core;
  readonly #measuring = new Map<Architecture, Promise<MeasuredRates>>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Null where nothing was measured yet. */
  async stored(architecture: Architecture): Promise<MeasuredRates | null> {
    const key = await this.#key(architecture);
    const found = this.#core.rates.get(key);
    return found ? { ...found, on: await this.#where() } : null;
  }

  /** Rates of today, else measured now (about three seconds). Throws `engine-unavailable`. */
  async measured(architecture: Architecture): Promise<MeasuredRates> {
    const stored = await this.stored(architecture);
    if (stored && this.#age(stored.measuredAt) < lifetime) return stored;
    const running = this.#measuring.get(architecture);
    if (running) return running;
    const measuring = this.#measure(architecture);
    this.#measuring.set(architecture, measuring);
    try {
      return await measuring;
    } finally {
      this.#measuring.delete(architecture);
    }
  }

  #age(measuredAt: string): number {
    return this.#core.clock.now().getTime() - new Date(measuredAt).getTime();
  }

  async #measure(architecture: Architecture): Promise<MeasuredRates> {
    const { engine, rates } = this.#core;
    const found = await engine.request('measure-rates', { architecture }, { lane: 'interactive' });
    const measuredAt = now(this.#core);
    rates.put(await this.#key(architecture), found, measuredAt);
    return { ...found, on: await this.#where(), measuredAt };
  }

  async #key(architecture: Architecture) {
    const { device, deviceName, threads } = await this.#core.engine.ready();
    const machine = deviceName ? `${device ?? 'unknown'}: ${deviceName}` : (device ?? 'unknown');
    return { architecture, device: machine, threads: threads ?? 0 };
  }

  async #where(): Promise<string> {
    const { device, deviceName, threads } = await this.#core.engine.ready();
    const name = deviceName ?? device ?? 'this machine';
    return threads ? `${name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : name;
  }
}
