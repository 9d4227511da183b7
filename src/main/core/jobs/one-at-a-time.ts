import { type StudioError } from '../../../shared/errors';

/** Work that somebody waits for, outside jobs: another of the same client gives up the one before. */
export class OneAtATime {
  readonly #givenUp: () => StudioError;
  readonly #running = new Map<string, AbortController>();

  /** @param givenUp what a caller whose work is given up is told */
  constructor(givenUp: () => StudioError) {
    this.#givenUp = givenUp;
  }

  async run<T>(client: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
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

  cancel(client: string): void {
    this.#running.get(client)?.abort(this.#givenUp());
  }

  /** Stop everything, for the end of the application. */
  close(): void {
    for (const abort of this.#running.values()) abort.abort(this.#givenUp());
  }
}
