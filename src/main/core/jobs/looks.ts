import { StudioError } from '../../../shared/errors';

interface Look {
  readonly abort: AbortController;
  readonly ended: Promise<unknown>;
}

/** Looks at what a person chose, before anything of it is stored: one at a time of each client. */
export class Looks {
  readonly #what: string;
  readonly #running = new Map<string, Look>();

  /** @param what is looked at, such as `images` */
  constructor(what: string) {
    this.#what = what;
  }

  /**
   * A look in place of the one that the client waits for, once that one has ended: both may work in one
   * folder. Throws `cancelled` where it is given up.
   */
  async alone<T>(client: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const before = this.#running.get(client);
    before?.abort.abort(this.#givenUp());
    const abort = new AbortController();
    const { promise: ended, resolve: end } = Promise.withResolvers<undefined>();
    const own: Look = { abort, ended };
    this.#running.set(client, own);
    try {
      await before?.ended;
      abort.signal.throwIfAborted();
      return await work(abort.signal);
    } catch (error) {
      throw abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      if (this.#running.get(client) === own) this.#running.delete(client);
      end(undefined);
    }
  }

  cancel(client: string): Record<string, never> {
    this.#running.get(client)?.abort.abort(this.#givenUp());
    return {};
  }

  /** When what the client waits for now has ended: whether it waits for nothing else. */
  async over(client: string): Promise<boolean> {
    await this.#running.get(client)?.ended;
    return !this.#running.has(client);
  }

  /** Stop everything, for the end of the application, and wait for its end. */
  async close(): Promise<void> {
    const looks = [...this.#running.values()];
    for (const { abort } of looks) abort.abort(this.#givenUp());
    await Promise.all(looks.map(({ ended }) => ended));
  }

  #givenUp(): StudioError {
    const message = `The look at the ${this.#what} was given up.`;
    return new StudioError({ code: 'cancelled', message });
  }
}
