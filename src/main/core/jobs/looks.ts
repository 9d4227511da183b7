import { StudioError } from '../../../shared/errors';

/** Looks at what a person chose, before anything of it is stored: one at a time of each client. */
export class Looks {
  readonly #what: string;
  readonly #running = new Map<string, AbortController>();

  /** @param what is looked at, such as `images` */
  constructor(what: string) {
    this.#what = what;
  }

  /** A look in place of the one that the client waits for. Throws `cancelled` where it is given up. */
  async alone<T>(client: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.cancel(client);
    const own = new AbortController();
    this.#running.set(client, own);
    try {
      return await work(own.signal);
    } catch (error) {
      throw own.signal.aborted ? own.signal.reason : error;
    } finally {
      if (this.#running.get(client) === own) this.#running.delete(client);
    }
  }

  cancel(client: string): Record<string, never> {
    this.#running.get(client)?.abort(this.#givenUp());
    return {};
  }

  /** Stop everything, for the end of the application. */
  close(): void {
    for (const abort of this.#running.values()) abort.abort(this.#givenUp());
  }

  #givenUp(): StudioError {
    const message = `The look at the ${this.#what} was given up.`;
    return new StudioError({ code: 'cancelled', message });
  }
}
