import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure, StudioError } from '../../../../shared/errors';
import { hashFile } from '../../artifacts/hash';
import { type WorkResult } from '../work-chain';
import { Arrivals } from './arrivals';
import { type Exchange, type ExchangeOptions } from './exchange';

/**
 * The same over a folder that worker and coordinator both see, which holds the coordinator's arrivals.
 * Results arrive there while the coordinator is away.
 */
export class SharedFolderExchange implements Exchange {
  readonly #arrivals: Arrivals;
  /** Where what the folder lacks comes from: artifacts and datasets lie with the coordinator. */
  readonly #beside: Pick<Exchange, 'fetchBlob'>;

  constructor(folder: string, beside: Pick<Exchange, 'fetchBlob'>) {
    this.#arrivals = new Arrivals(folder);
    this.#beside = beside;
  }

  async fetchBlob(
    blob: { sha256: string; bytes: number },
    file: string,
    options: ExchangeOptions,
  ): Promise<void> {
    const held = await this.#arrivals.held(blob.sha256);
    if (!held?.whole) return this.#beside.fetchBlob(blob, file, options);
    try {
      await copyFile(this.#arrivals.blob(blob.sha256), file);
    } catch (error) {
      throw fileFailure(error, file);
    }
    if ((await hashFile(file, 'sha256', 'hex', options.signal)) === blob.sha256) return;
    await rm(file, { force: true });
    throw new StudioError({
      code: 'corrupt-file',
      message: `The file ${blob.sha256} in ${this.#arrivals.root} has another content than its name says.`,
    });
  }

  async putBlob({ sha256 }: { sha256: string; bytes: number }, file: string): Promise<void> {
    const { root } = this.#arrivals;
    const target = this.#arrivals.blob(sha256);
    if (await stat(target).catch(() => null)) return;
    const part = join(root, 'parts', randomUUID());
    try {
      for (const folder of ['parts', 'blobs']) await mkdir(join(root, folder), { recursive: true });
      await copyFile(file, part);
      await rename(part, target);
    } catch (error) {
      await rm(part, { force: true }).catch(() => undefined);
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
