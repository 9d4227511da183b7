/**
 * How the queue is used. A worker that is killed is noticed after `lockDuration` and started elsewhere;
 * an outage of the queue shorter than that costs nothing.
 */
export interface QueueTimes {
  /** Milliseconds that a worker's lock on a job lasts without being renewed. */
  readonly lockDuration: number;
  readonly lockRenewTime: number;
  readonly stalledInterval: number;
  /** Between two looks for jobs that the queue lost. */
  readonly refill: number;
  /** Between two signs of life of a worker, and how long one counts. */
  readonly heartbeat: number;
  readonly life: number;
}

export const queueTimes: QueueTimes = {
  lockDuration: 45_000,
  lockRenewTime: 10_000,
  stalledInterval: 5_000,
  refill: 5_000,
  heartbeat: 1_000,
  life: 10_000,
};

/** Milliseconds that a worker stays drained of which nothing is heard. */
export const drainLife = 24 * 3600 * 1000;

/** An item that ends its worker's process is begun this often more, then given up. */
export const maxStalledCount = 3;
export const attempts = 3;
/** Milliseconds until an attempt follows a failed one. */
export const backoff = 1_000;
/** Seconds after which the queue drops what nobody removed. */
export const keepEnded = 7 * 24 * 3600;
/** Milliseconds without an answer after which a connection is half-open. */
export const socketTimeout = 15_000;
export const connectDeadline = 8_000;

export const retryDelay = (attempt: number): number => Math.min(250 * attempt, 2_000);
