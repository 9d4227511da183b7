import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TypedArray } from '../../../../src/shared/arrays';
import {
  type EngineFile,
  type EngineInput,
  type EngineOperation,
  type EnginePort,
} from '../../../../src/shared/engine';
import { StudioError } from '../../../../src/shared/errors';
import { encodeNpy } from '../../../../src/shared/npy';
import { ScriptedEngine } from '../jobs/scripted-engine';

/** Labels of the sixty images of the scripted dataset: six of each class. */
export const scriptedLabels = Uint8Array.from({ length: 60 }, (_, i) => i % 10);

/** The byte that every pixel of an image has. */
export const shadeOf = (index: number) => 3 * index + 20;

export interface MapsCall {
  readonly composition: string;
  readonly indices: readonly number[];
  finish(): void;
  fail(code: 'engine-failed' | 'internal'): void;
}

/** Trains at once, and makes the maps of a study one by one as the test lets it. */
export class StudyEngine implements EnginePort {
  readonly maps: string[] = [];
  /** What of the images each request for maps or pixels says that the model sees. */
  readonly sights: unknown[] = [];
  /** Every request for maps is answered at once. */
  instant = true;
  readonly #scripted = new ScriptedEngine();
  #waiting: MapsCall[] = [];
  #arrived: (() => void)[] = [];

  constructor() {
    this.#scripted.instant = true;
  }

  set threads(count: number) {
    this.#scripted.threads = count;
  }

  set content(sha256: string) {
    this.#scripted.content = sha256;
  }

  get calls(): readonly EngineOperation[] {
    return this.#scripted.calls;
  }

  request: EnginePort['request'] = async (operation, input, options) => {
    const answer = await this.#answer(operation, input, options.signal);
    return (answer ?? (await this.#scripted.request(operation, input, options))) as never;
  };

  /** The oldest request for maps that waits. */
  async mapping(): Promise<MapsCall> {
    const call = this.#waiting.shift();
    if (call) return call;
    await new Promise<void>((resolve) => this.#arrived.push(resolve));
    return this.mapping();
  }

  async close(): Promise<void> {
    for (const call of this.#waiting) call.fail('engine-failed');
    await this.#scripted.close();
  }

  async #answer(operation: EngineOperation, input: unknown, signal?: AbortSignal) {
    if (operation === 'measure-rates') {
      return { trainImagesPerSecond: 1000, gradientsPerSecond: 100, forwardImagesPerSecond: 1000 };
    }
    if (operation === 'dataset-labels') {
      const { outDir } = input as EngineInput<'dataset-labels'>;
      return { files: [await write(outDir, 'labels.npy', [60], scriptedLabels)] };
    }
    if (operation === 'dataset-images') {
      const { indices, outDir, sight } = input as EngineInput<'dataset-images'>;
      this.sights.push(sight);
      const pixels = Uint8Array.from(indices.flatMap((i) => Array<number>(784).fill(shadeOf(i))));
      const labels = Int32Array.from(indices, (i) => scriptedLabels[i] ?? 0);
      return {
        files: [
          await write(outDir, 'images.npy', [indices.length, 28, 28, 1], pixels),
          await write(outDir, 'labels.npy', [indices.length], labels),
        ],
      };
    }
    if (operation !== 'maps') return null;
    const { composition, indices, outDir, sight } = input as EngineInput<'maps'>;
    this.maps.push(composition);
    this.sights.push(sight);
    if (!this.instant) await this.#wait(composition, indices, signal);
    const values = new Float32Array(indices.length * 784);
    // One strong pixel: which one tells the image and the composition apart.
    indices.forEach((index, i) => {
      values[i * 784 + ((index + composition.length) % 784)] = -1;
    });
    const shape = [indices.length, 28, 28, 1];
    return { files: [await write(outDir, 'map.npy', shape, values)], gradients: 0 };
  }

  #wait(composition: string, indices: readonly number[], signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const call: MapsCall = {
        composition,
        indices,
        finish: resolve,
        fail: (code) => reject(new StudioError({ code, message: 'as the test wants' })),
      };
      signal?.addEventListener('abort', () => {
        this.#waiting = this.#waiting.filter((other) => other !== call);
        reject(new StudioError({ code: 'cancelled', message: 'stopped' }));
      });
      this.#waiting.push(call);
      for (const arrived of this.#arrived.splice(0)) arrived();
    });
  }
}

async function write(
  folder: string,
  name: string,
  shape: readonly number[],
  data: TypedArray,
): Promise<EngineFile> {
  const bytes = encodeNpy({ shape, data });
  await writeFile(join(folder, name), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name, sha256, bytes: bytes.length };
}
