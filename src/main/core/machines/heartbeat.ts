import { z } from 'zod';
import { engineClassSchema } from './engine-class';

/** A worker's sign of life, as it lies under `workerKey`. What it says of itself is not to be trusted. */
export const heartbeatSchema = z.object({
  version: z.literal(1),
  /** Join, machine and process. */
  name: z.string().max(200),
  join: z.string().max(64),
  host: z.string().max(200),
  engineClass: engineClassSchema,
  threads: z.int().positive(),
  slots: z.int().positive(),
  state: z.enum(['idle', 'busy', 'draining', 'starting']),
  /** Titles of what it is at. */
  items: z.array(z.string().max(200)).max(256),
  /** Orders done since it began, and the seconds that its engines were at them. */
  done: z.int().nonnegative(),
  seconds: z.number().nonnegative(),
  /** Why it takes nothing although it is not drained, in a sentence. */
  problem: z.string().max(2000).nullable(),
  /** By its own clock, which may be wrong: when it was seen is told by how long its key has left. */
  at: z.iso.datetime(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;
