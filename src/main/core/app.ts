import { type EnginePort } from '../../shared/engine';
import { type StudioEvent } from '../../shared/events';
import { type Api } from '../../shared/routes';
import { type Status } from '../../shared/records';

export interface Clock {
  /** Wall time, for what is recorded. */
  now(): Date;
  /** Monotonic milliseconds, for what is measured. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
};

export interface Log {
  info(message: string, details?: Record<string, unknown>): void;
  warn(message: string, details?: Record<string, unknown>): void;
  error(message: string, details?: Record<string, unknown>): void;
}

export const silentLog: Log = { info() {}, warn() {}, error() {} };

export interface AppOptions {
  readonly dataDir: string;
  /** Starts one engine process. Called again after a crash or a hard cancel. */
  readonly startEngine: () => EnginePort;
  readonly shell: Status['shell'];
  readonly clock?: Clock;
  readonly log?: Log;
  /** Random bytes for ids. */
  readonly random?: (count: number) => Uint8Array;
  /** `read`: opens beside a running app and refuses the routes that write. */
  readonly access?: 'write' | 'read';
}

export interface App {
  /** Parses the input, runs the handler, answers; throws StudioError. */
  readonly api: Api;
  /** Listens to what core announces after it is committed; answers with the way to stop. */
  subscribe(listener: (event: StudioEvent) => void): () => void;
  /** A running job is stopped at a safe point and goes on at the next start. */
  park(): Promise<void>;
  /** Parks, ends the engine, closes the database and gives the lock back. */
  close(): Promise<void>;
}

/** Builds the whole application on a data directory. */
export declare function createApp(options: AppOptions): Promise<App>;
