import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { fileFailure, StudioError } from '../../../../shared/errors';
import { hashFile } from '../../artifacts/hash';
import { type WorkResult } from '../work-chain';
import { Arrivals } from './arrivals';
import { type Exchange, type ExchangeOptions } from './exchange';

/**
 * The same over a folder that worker and coordinator both see, which holds the coordinator's arrivals.
 * Results arrive there while the coordinator is away. Who may write there is the folder's to say: no
 * token is asked for.
 */
export class SharedFolderExchange implements Exchange {
  readonly #arrivals: Arrivals;
  /** Where what the folder lacks comes from: artifacts and datasets lie with the coordinator. */
  readonly #beside: Pick<Exchange, 'fetchBlob'>;

  constructor(folder: string, beside: Pick<Exchange, 'fetchBlob'>) {
    this.#arrivals = new Arrivals(folder, { shared: true });
    this.#beside = beside;
  }

  async fetchBlob(
    blob: { sha256: string; bytes: number },
    file: string,
    options: ExchangeOptions,
  ): Promise<void> {
    const held = await this.#arrivals.held(blob.sha256);
    if (!held?.whole) return this.#beside.fetchBlob(blob, file, options);
    // What is larger than it should be is not brought.
    if (held.bytes === blob.bytes) {
      try {
        await this.#arrivals.copy(blob.sha256, file);
      } catch (error) {
        throw fileFailure(error, file);
      }
      if ((await hashFile(file, 'sha256', 'hex', options.signal)) === blob.sha256) return;
    }
    await rm(file, { force: true });
    throw new StudioError({
      code: 'corrupt-file',
      message: `The file ${blob.sha256} in ${this.#arrivals.root} has another content than its name says.`,
    });
  }

  async putBlob({ sha256, bytes }: { sha256: string; bytes: number }, file: string): Promise<void> {
    const { root } = this.#arrivals;
    const sender = randomUUID();
    try {
      if (await this.#arrivals.isWhole(sha256, bytes)) return;
      const source = await open(file);
      try {
        const stream = source.createReadStream({ autoClose: false, highWaterMark: 1 << 20 });
        await this.#arrivals.receive(sha256, bytes, 0, stream, sender);
      } finally {
        await source.close();
      }
    } catch (error) {
      await this.#arrivals.drop(sha256, sender).catch(() => undefined);
      throw fileFailure(error, root);
    }
  }

  result(request: string): Promise<WorkResult | null> {
    return this.#arrivals.result(request);
  }

  putResult(request: string, result: WorkResult): Promise<void> {
    return this.#arrivals.putResult(request, result);
  }
}
