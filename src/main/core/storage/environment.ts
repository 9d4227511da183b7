/** The world outside, passed in so that tests can hold it still. */
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

/** The time of what is recorded, ISO 8601. */
export function now({ clock }: { readonly clock: Clock }): string {
  return clock.now().toISOString();
}
