import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { withFile } from '../../engine/models/byte-source';
import { type Model } from '../../engine/models/model';
import { type Networks } from '../../engine/models/networks/networks';
import { decodeModel } from '../../engine/models/weights';
import { type Runtime } from '../../engine/runtime/load';

const capacity = 4;

interface Entry {
  readonly key: string;
  readonly model: Model;
  users: number;
}

/** The last few models loaded, by their file's path, size and time of change. */
export class ModelCache {
  readonly #networks: Networks;
  /** In order of use, the latest last. */
  #entries: Entry[] = [];

  /** @param networks those that there are */
  constructor(networks: Networks) {
    this.#networks = networks;
  }

  /** Call `work` with the model of a safetensors file; it stays loaded while work runs. */
  async use<T>(runtime: Runtime, path: string, work: (model: Model) => Promise<T>): Promise<T> {
    const { size, mtimeMs } = await stat(path);
    const key = `${path}\n${size}\n${mtimeMs}`;
    let entry = this.#entries.find((candidate) => candidate.key === key);
    if (entry) this.#entries = this.#entries.filter((candidate) => candidate !== entry);
    else entry = { key, model: await this.#load(runtime, path), users: 0 };
    this.#entries.push(entry);
    entry.users += 1;
    try {
      this.#evict();
      return await work(entry.model);
    } finally {
      entry.users -= 1;
      this.#evict();
    }
  }

  #evict(): void {
    while (this.#entries.length > capacity) {
      const oldest = this.#entries.find(({ users }) => users === 0);
      if (!oldest) return;
      this.#entries = this.#entries.filter((entry) => entry !== oldest);
      oldest.model.dispose();
    }
  }

  #load(runtime: Runtime, path: string): Promise<Model> {
    const options = { file: basename(path), networks: this.#networks };
    return withFile(path, (file) => decodeModel(runtime.kernels, file, options));
  }
}
