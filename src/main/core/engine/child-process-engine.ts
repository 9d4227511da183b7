import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import {
  type EngineOperation,
  engineOperations,
  type EngineOutput,
  type EnginePort,
  type EngineProgress,
  type FromEngine,
  type Lane,
} from '../../../shared/engine';
import { parse, StudioError } from '../../../shared/errors';
import { installedFiles } from '../storage/installed-files';
import { type EngineExit, EngineProcess } from './engine-process';

export interface ChildEngineOptions {
  /** The bundled Node binary (`installedFiles().node`). */
  readonly nodePath: string;
  /** The built entry of the engine process (`installedFiles().engineEntry`). */
  readonly entry: string;
  /** Threads inside one TensorFlow operation; null: one a processor. Part of every result's key. */
  readonly threads?: number | null;
  /** What set-up found out about TensorFlow, as a file; default: where set-up writes it. */
  readonly record?: string;
  /** Receives the process's own output and what the supervisor does, a line at a time. */
  readonly log: (line: string) => void;
  /** Milliseconds that a cancelled operation has before the process is ended. Default 1500. */
  readonly cancelPatience?: number;
}

/** The port, and what tests and `doctor` look at. */
export interface ChildEngine extends EnginePort {
  /** The running process, if there is one. */
  readonly pid: number | undefined;
  /** How many times the process was started. */
  readonly attempts: number;
}

interface Pending {
  readonly job: number;
  readonly operation: EngineOperation;
  readonly lane: Lane;
  readonly input: unknown;
  readonly report: ((progress: EngineProgress) => void) | undefined;
  readonly finish: (outcome: { output: unknown } | { error: unknown }) => void;
  cancelled: boolean;
}

/**
 * The engine in a child process of its own: started at the first request, and again at the first
 * one after it died. A death rejects what was pending with `engine-failed`. A cancelled operation
 * that does not end in time is ended with its process; the others, being stateless, are asked again
 * of the next process.
 */
export function startChildEngine(options: ChildEngineOptions): ChildEngine {
  return new Supervisor(options);
}

class Supervisor implements ChildEngine {
  readonly #options: ChildEngineOptions;
  readonly #pending = new Map<number, Pending>();
  #process: EngineProcess | null = null;
  #attempts = 0;
  #jobs = 0;
  #closed = false;

  constructor(options: ChildEngineOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get attempts(): number {
    return this.#attempts;
  }

  request: EnginePort['request'] = async (operation, input, { lane, signal, report }) => {
    const parsed: unknown = parse(engineOperations[operation].input, input);
    if (this.#closed) throw failed({ reason: 'it was closed', stderr: [] });
    if (signal?.aborted) throw cancelled();
    this.#jobs += 1;
    const job = this.#jobs;
    const output = await new Promise<unknown>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const abort = () => {
        timer = this.#cancel(job);
      };
      const finish: Pending['finish'] = (outcome) => {
        signal?.removeEventListener('abort', abort);
        clearTimeout(timer);
        this.#pending.delete(job);
        if ('output' in outcome) resolve(outcome.output);
        else reject(outcome.error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      const pending = { job, operation, lane, input: parsed, report, finish, cancelled: false };
      this.#pending.set(job, pending);
      this.#send(pending);
    });
    return output as EngineOutput<typeof operation>;
  };

  async close(): Promise<void> {
    this.#closed = true;
    const running = this.#process;
    if (running) await running.stop(2000);
  }

  #send(pending: Pending): void {
    const { job, operation, lane, input } = pending;
    try {
      this.#ensure().send({ type: 'request', job, operation, lane, input });
    } catch (error) {
      pending.finish({ error });
    }
  }

  #ensure(): EngineProcess {
    if (this.#process) return this.#process;
    const { nodePath, entry, log } = this.#options;
    const threads = this.#options.threads ?? availableParallelism();
    if (!existsSync(entry)) {
      throw new StudioError({
        code: 'engine-unavailable',
        message: `The engine is not built (${entry} is missing): run \`npm run setup\`.`,
        details: { reason: `${entry} is missing`, remedy: 'npm run setup' },
      });
    }
    this.#attempts += 1;
    const attempt = this.#attempts;
    const started = new EngineProcess({
      nodePath,
      entry,
      threads,
      record: this.#options.record ?? installedFiles().engineRecord,
      attempt,
      log,
      onMessage: (message) => this.#receive(attempt, message),
      onExit: (exit) => this.#exited(started, exit),
    });
    this.#process = started;
    log(`engine: started, attempt ${attempt}, process ${started.pid ?? 'none'}`);
    return started;
  }

  #receive(attempt: number, message: FromEngine): void {
    // A process that is being replaced has nothing more to say.
    if (attempt !== this.#process?.attempt || message.attempt !== attempt) return;
    const pending = this.#pending.get(message.job);
    if (!pending) return;
    if (message.type === 'progress') {
      if (!pending.cancelled) pending.report?.(message.progress);
    } else if (message.type === 'error') {
      pending.finish({ error: new StudioError(message.error) });
    } else {
      const output = engineOperations[pending.operation].output.safeParse(message.output);
      if (output.success) pending.finish({ output: output.data });
      else this.#process.kill(`it answered ${pending.operation} with what is not its output`);
    }
  }

  #cancel(job: number): NodeJS.Timeout | undefined {
    const pending = this.#pending.get(job);
    const running = this.#process;
    if (!pending || !running) return undefined;
    pending.cancelled = true;
    running.send({ type: 'cancel', job });
    return setTimeout(() => {
      this.#options.log(`engine: ${pending.operation} did not stop in time; ending its process`);
      running.kill('a cancelled operation did not stop in time');
      this.#process = null;
      pending.finish({ error: cancelled() });
      for (const other of [...this.#pending.values()]) {
        if (other.cancelled) other.finish({ error: cancelled() });
        else this.#send(other);
      }
    }, this.#options.cancelPatience ?? 1500);
  }

  #exited(ended: EngineProcess, exit: EngineExit): void {
    if (this.#process !== ended) return;
    this.#process = null;
    this.#options.log(`engine: ${exit.reason}`);
    for (const pending of [...this.#pending.values()]) {
      pending.finish({ error: pending.cancelled ? cancelled() : failed(exit) });
    }
  }
}

function cancelled(): StudioError {
  return new StudioError({ code: 'cancelled', message: 'The operation was cancelled.' });
}

function failed({ reason, stderr }: EngineExit): StudioError {
  return new StudioError({
    code: 'engine-failed',
    message: `The engine stopped: ${reason}. It starts again at the next request; what was finished is kept.`,
    details: { reason, ...(stderr.length > 0 && { stderr: stderr.join('\n') }) },
  });
}
