import { toErrorData } from '../../../../shared/errors';
import { type WorkResult } from '../work-chain';
import { Arrivals } from './arrivals';
import { openPlain } from './plain-file';

/** Arrivals that are looked for in other folders, too, where workers with other join files leave them. */
export class GatheredArrivals extends Arrivals {
  #others: readonly Arrivals[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /** From now on; what is brought in from there is there no more. */
  alsoFrom(folders: readonly string[]): void {
    this.#others = [...new Set(folders)]
      .filter((folder) => folder !== this.root)
      .map((folder) => new Arrivals(folder, { shared: true }));
  }

  override async result(request: string): Promise<WorkResult | null> {
    const here = await super.result(request);
    if (here || this.#others.length === 0) return here;
    // One by one: whoever asks for the same finds it brought in.
    const gathered = this.#last.then(() => this.#gather(request));
    this.#last = gathered.catch(() => undefined);
    return gathered;
  }

  override async sweep(olderThan?: number): Promise<void> {
    for (const other of this.#others) await other.sweep(olderThan);
    await super.sweep(olderThan);
  }

  async #gather(request: string): Promise<WorkResult | null> {
    for (const other of this.#others) {
      const here = await super.result(request);
      if (here) return here;
      const there = await other.result(request);
      if (there) await this.#bringIn(request, there, other);
    }
    return super.result(request);
  }

  async #bringIn(request: string, result: WorkResult, from: Arrivals): Promise<void> {
    const files = result.kind === 'done' ? result.files : [];
    try {
      for (const { sha256, bytes } of files) {
        await this.receive(
          sha256,
          bytes,
          0,
          (await openPlain(from.blob(sha256))).createReadStream(),
        );
      }
      await this.putResult(request, result);
    } catch (error) {
      // A file of another content than its name says is as if it had not come.
      if (toErrorData(error).code !== 'corrupt-file') throw error;
    }
    await from.remove(request);
  }
}
