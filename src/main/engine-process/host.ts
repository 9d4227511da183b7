import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { loadRuntime, type Runtime } from '../../engine/runtime/load';
import { StudioError } from '../../shared/errors';

const recordSchema = z.object({
  ok: z.boolean(),
  reason: z.string().nullish(),
  remedy: z.string().nullish(),
});

export interface HostOptions {
  readonly threads: number;
  /** What set-up found out about TensorFlow, as a file; may be missing. */
  readonly record: string | undefined;
}

/** This process's TensorFlow: loaded when first asked for, or the reason why it is not there. */
export class Host {
  readonly #options: HostOptions;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  async runtime(): Promise<Runtime> {
    try {
      return await loadRuntime({ threads: this.#options.threads });
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Set-up knows better than the loader why the library is missing and what would bring it. */
  #explain(error: unknown): unknown {
    const record = this.#record();
    if (!record || record.ok || !record.reason) return error;
    const remedy = record.remedy ?? 'npm run setup';
    return new StudioError(
      {
        code: 'engine-unavailable',
        message: `TensorFlow is not there: ${record.reason}. To mend it: ${remedy}`,
        details: { reason: record.reason, remedy },
      },
      error,
    );
  }

  #record(): z.infer<typeof recordSchema> | null {
    if (!this.#options.record) return null;
    try {
      return recordSchema.parse(JSON.parse(readFileSync(this.#options.record, 'utf8')));
    } catch {
      return null;
    }
  }
}
