/** Everything of one data directory in the queue begins with this, so that its users may reach no more. */
export const queuePrefix = (dataDirectory: string): string => `saliency-${dataDirectory}`;

/** The queue of a class of engines: workers of another class never see its jobs. */
export const queueOf = (engineClass: string): string => `work-${engineClass.slice(0, 16)}`;

/** Names of workers that gave a sign of life. */
export const workersKey = (prefix: string): string => `${prefix}:workers`;
export const workerKey = (prefix: string, worker: string): string => `${prefix}:worker:${worker}`;
/** Set: the worker takes nothing new. */
export const drainKey = (prefix: string, worker: string): string => `${prefix}:drain:${worker}`;
/** Set, and published on the channel: what belongs to the ledger's job stops. */
export const cancelKey = (prefix: string, job: string): string => `${prefix}:cancel:${job}`;
export const cancelChannel = (prefix: string): string => `${prefix}:cancel`;
