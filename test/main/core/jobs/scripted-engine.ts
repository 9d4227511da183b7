import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EngineDescription,
  type EngineFile,
  type EngineOperation,
  type EnginePort,
  type EngineProgress,
} from '../../../../src/shared/engine';
import { StudioError } from '../../../../src/shared/errors';

export const description: EngineDescription = {
  available: true,
  reason: null,
  remedy: null,
  device: 'cpu',
  deviceName: 'a processor',
  threads: 1,
  oneDnn: false,
  versions: { tensorflow: '0.0' },
  plan: {},
  numerics: 3,
  arithmetic: {},
};

export interface TrainCall {
  readonly seed: number;
  readonly epoch: number;
  readonly report: (progress: EngineProgress) => void;
  finish(): void;
  fail(code: 'engine-failed' | 'internal'): void;
}

/** A port for scheduling alone: training waits until the test says how it ends. */
export class ScriptedEngine implements EnginePort {
  readonly calls: EngineOperation[] = [];
  /** Milliseconds that a cancelled request takes to stop. */
  cancelDelay = 0;
  threads = 1;
  /** What the dataset's file has as its hash. */
  content = 'aa';
  /** Every training request is answered at once. */
  instant = false;
  #waiting: TrainCall[] = [];
  #arrived: (() => void)[] = [];

  request: EnginePort['request'] = async (operation, given, { signal, report }) => {
    this.calls.push(operation);
    const input = given as Record<string, never>;
    const answer = async (): Promise<unknown> => {
      if (operation === 'describe') return { ...description, threads: this.threads };
      if (operation === 'dataset-summary') {
        const perClass = Array.from({ length: 10 }, () => 6);
        return {
          classes: perClass.map((_, i) => String(i)),
          ...{
            masks: { train: 0, validation: 0 },
            train: 60,
            validation: 60,
            trainPerClass: perClass,
            validationPerClass: perClass,
          },
          files: [{ name: 'train', sha256: this.content, published: null }],
          bytes: 1,
        };
      }
      if (operation === 'train-epoch') {
        const { recipe, epoch, outDir } = input as unknown as {
          recipe: { seed: number };
          epoch: number;
          outDir: string;
        };
        await this.#train(recipe.seed, epoch, signal, report);
        const text = `${recipe.seed} ${epoch}`;
        const files = [
          await write(outDir, 'model.safetensors', text),
          await write(outDir, 'optimiser.safetensors', `optimiser ${text}`),
        ];
        return { files, loss: 1, trainAccuracy: 0.5, validationAccuracy: 0.5, seconds: 0.1 };
      }
      throw new StudioError({ code: 'internal', message: `not scripted: ${operation}` });
    };
    return (await answer()) as never;
  };

  /** The oldest training request that waits. */
  async training(): Promise<TrainCall> {
    const call = this.#waiting.shift();
    if (call) return call;
    await new Promise<void>((resolve) => this.#arrived.push(resolve));
    return this.training();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async close(): Promise<void> {
    for (const call of this.#waiting) call.fail('engine-failed');
  }

  #train(
    seed: number,
    epoch: number,
    signal: AbortSignal | undefined,
    report: ((progress: EngineProgress) => void) | undefined,
  ): Promise<void> {
    if (this.instant) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const call: TrainCall = {
        seed,
        epoch,
        report: report ?? (() => undefined),
        finish: resolve,
        fail: (code) => reject(new StudioError({ code, message: 'as the test wants' })),
      };
      signal?.addEventListener('abort', () => {
        this.#waiting = this.#waiting.filter((other) => other !== call);
        const cancelled = new StudioError({ code: 'cancelled', message: 'stopped' });
        setTimeout(() => reject(cancelled), this.cancelDelay);
      });
      this.#waiting.push(call);
      for (const arrived of this.#arrived.splice(0)) arrived();
    });
  }
}

async function write(folder: string, name: string, text: string): Promise<EngineFile> {
  await writeFile(join(folder, name), text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { name, sha256, bytes: text.length };
}
