import {
  type EngineDescription,
  type EngineOperation,
  type EngineOutput,
  type EnginePort,
  type EngineProgress,
  type EngineRequest,
  type Lane,
} from '../../../shared/engine';
import { StudioError, toErrorData } from '../../../shared/errors';
import { type Status } from '../../../shared/records';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type MetricDescriptor } from '../../../shared/catalogue/metric';

export interface EngineRequestOptions {
  readonly lane: Lane;
  readonly signal?: AbortSignal | undefined;
  readonly report?: ((progress: EngineProgress) => void) | undefined;
}

export interface EngineHostOptions {
  /** What the engine must have the algorithms of. */
  readonly catalogues: Pick<Catalogues, 'operators'>;
  readonly measured: readonly MetricDescriptor[];
  readonly startEngine: () => EnginePort;
  readonly onChange: (engine: Status['engine']) => void;
}

/** What there is to say of an engine that has said nothing of itself. */
export const unavailableEngine = (reason: string, remedy: string | null): EngineDescription => ({
  available: false,
  reason,
  remedy,
  device: null,
  deviceName: null,
  threads: null,
  oneDnn: null,
  versions: {},
  plan: {},
  numerics: 0,
  arithmetic: {},
});

const unknown = unavailableEngine('The engine is starting.', null);

/** The engine as the application sees it: its port, made when first needed, and what it says of itself. */
export class EngineHost {
  readonly #options: EngineHostOptions;
  #port: EnginePort | null = null;
  #description: Promise<EngineDescription> | null = null;
  #status: Status['engine'] = { ...unknown, state: 'starting' };
  #closed = false;

  constructor(options: EngineHostOptions) {
    this.#options = options;
  }

  get status(): Status['engine'] {
    return this.#status;
  }

  /** What the engine says of itself, available or not. Never rejects. */
  describe(): Promise<EngineDescription> {
    this.#description ??= this.#describe();
    return this.#description;
  }

  /** The description of an engine that computes, or `engine-unavailable` with the remedy. */
  async ready(): Promise<EngineDescription> {
    let description = await this.describe();
    if (!description.available) {
      // What was wrong may have been mended since.
      this.#description = null;
      description = await this.describe();
    }
    if (description.available) return description;
    const { reason, remedy } = description;
    const why = `The engine is not available: ${reason ?? 'TensorFlow could not be loaded'}`;
    throw new StudioError({
      code: 'engine-unavailable',
      message: remedy === null ? why : `${why.replace(/\.$/, '')}. To mend it: ${remedy}`,
    });
  }

  /** One operation. A request of the interactive lane is asked again once if the process ended. */
  async request<K extends EngineOperation>(
    operation: K,
    input: EngineRequest<K>,
    options: EngineRequestOptions,
  ): Promise<EngineOutput<K>> {
    options.signal?.throwIfAborted();
    try {
      return await this.#open().request(operation, input, options);
    } catch (error) {
      const again = options.lane === 'interactive' && isCrash(error);
      if (!again || this.#closed || options.signal?.aborted) throw error;
      return this.#open().request(operation, input, options);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#port?.close();
  }

  #open(): EnginePort {
    if (this.#closed) {
      throw new StudioError({ code: 'engine-failed', message: 'The application is closing.' });
    }
    this.#port ??= this.#options.startEngine();
    return this.#port;
  }

  async #describe(): Promise<EngineDescription> {
    let description: EngineDescription;
    try {
      description = await this.request(
        'describe',
        {
          operators: [...this.#options.catalogues.operators.operators],
          metrics: [...this.#options.measured],
        },
        { lane: 'interactive' },
      );
    } catch (error) {
      this.#description = null;
      const { message, details } = toErrorData(error);
      const reason = details?.['reason'] ?? message;
      description = { ...unknown, reason, remedy: details?.['remedy'] ?? null };
    }
    this.#status = { ...description, state: description.available ? 'ready' : 'unavailable' };
    if (!this.#closed) this.#options.onChange(this.#status);
    return description;
  }
}

/** The engine's process ended under the request, which may be asked again. */
export function isCrash(error: unknown): boolean {
  if (!(error instanceof StudioError) || error.code !== 'engine-failed') return false;
  // Other machines have tried it as often as it may be tried.
  return error.data.details?.['attempts'] === undefined;
}

export function isCancelled(error: unknown): boolean {
  return toErrorData(error).code === 'cancelled';
}
