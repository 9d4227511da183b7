import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import {
  engineProtocolVersion,
  type FromEngine,
  fromEngineSchema,
  maxEngineMessageBytes,
  type ToEngine,
} from '../../../shared/engine';
import { reasonOf, refuse } from '../../../shared/errors';

const keptLines = 20;

/** Why a process is gone, and the last lines it wrote to stderr. */
export interface EngineExit {
  readonly reason: string;
  readonly stderr: readonly string[];
}

export interface EngineProcessOptions {
  readonly nodePath: string;
  readonly entry: string;
  readonly threads: number;
  /** What set-up found out about TensorFlow, as a file; may be missing. */
  readonly record: string;
  readonly attempt: number;
  readonly log: (line: string) => void;
  readonly onMessage: (message: FromEngine) => void;
  readonly onExit: (exit: EngineExit) => void;
}

type Body = ToEngine extends infer M
  ? M extends ToEngine
    ? Omit<M, 'version' | 'attempt' | 'sequence'>
    : never
  : never;

/** One start of the engine: the child, its channel, and what it wrote to stderr. */
export class EngineProcess {
  readonly attempt: number;
  readonly #options: EngineProcessOptions;
  readonly #child: ChildProcess;
  readonly #stderr: string[] = [];
  readonly #ended: Promise<void>;
  #sequence = 0;
  #reason: string | null = null;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.attempt = options.attempt;
    this.#child = spawn(options.nodePath, ['--enable-source-maps', options.entry], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'json',
      windowsHide: true,
      env: {
        ...process.env,
        // Where the app itself is the only Node at hand.
        ELECTRON_RUN_AS_NODE: '1',
        SALIENCY_STUDIO_ENGINE_THREADS: String(options.threads),
        SALIENCY_STUDIO_ENGINE_RECORD: options.record,
      },
    });
    const { stdout, stderr } = this.#child;
    if (stdout) createInterface({ input: stdout }).on('line', options.log);
    if (stderr) {
      createInterface({ input: stderr }).on('line', (line) => {
        this.#stderr.push(line);
        if (this.#stderr.length > keptLines) this.#stderr.shift();
        options.log(line);
      });
    }
    this.#child.on('message', (message) => this.#receive(message));
    this.#ended = new Promise((resolve) => {
      let over = false;
      const end = (reason: string) => {
        if (over) return;
        over = true;
        resolve();
        options.onExit({ reason: this.#reason ?? reason, stderr: [...this.#stderr] });
      };
      this.#child.on('error', (error) => {
        // Failing to send to a dying process is told by its exit.
        if (this.#child.pid === undefined) end(`it could not be started (${reasonOf(error)})`);
      });
      // 'close' comes after the last line of stderr, 'exit' may come before it; but Node sends no
      // 'close' once the parent has disconnected the channel.
      const ended = (code: number | null, signal: string | null) =>
        end(signal ? `it was ended by ${signal}` : `it ended with code ${code ?? 'unknown'}`);
      this.#child.on('close', ended);
      this.#child.on('exit', (code, signal) => setTimeout(ended, 200, code, signal));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Throws `invalid-input` where the message is larger than the contract allows. */
  send(body: Body): void {
    this.#sequence += 1;
    const message = {
      version: engineProtocolVersion,
      attempt: this.attempt,
      sequence: this.#sequence,
      ...body,
    };
    const size = Buffer.byteLength(JSON.stringify(message));
    if (size > maxEngineMessageBytes) {
      throw refuse('input', `${size} bytes`, `a request under ${maxEngineMessageBytes} bytes`);
    }
    if (!this.#child.connected) return;
    this.#child.send(message, (error) => {
      if (error) this.#options.log(`engine: a message was not delivered (${reasonOf(error)})`);
    });
  }

  /** End it at once, whatever it does. */
  kill(reason: string): void {
    this.#reason ??= reason;
    this.#child.kill('SIGKILL');
  }

  /** Close the channel, which ends the process; kill it where it has not ended in time. */
  async stop(patience: number): Promise<void> {
    this.#reason ??= 'it was closed';
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patience);
    await this.#ended;
    clearTimeout(timer);
  }

  #receive(received: unknown): void {
    const parsed = fromEngineSchema.safeParse(received);
    if (!parsed.success) {
      // Whatever it is, it does not speak our protocol: nothing it says can be trusted.
      this.#options.log(`engine: malformed message: ${z.prettifyError(parsed.error)}`);
      this.kill('it sent a message that is not in the protocol');
      return;
    }
    this.#options.onMessage(parsed.data);
  }
}
