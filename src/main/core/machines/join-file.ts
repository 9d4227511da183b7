import { z } from 'zod';
import { queueAddressSchema } from './queue/address';

/**
 * What a worker needs to join, all of it secret: mode 600, never on a command line, in a job or a log.
 */
export const joinFileSchema = z.object({
  version: z.literal(1),
  /** What the join is called, for lists and to revoke it. Workers add `@`, their machine and process. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'letters, digits and hyphens, at most 32'),
  /** Of everything that belongs to the data directory in the queue. */
  prefix: z.string().regex(/^saliency-[a-z0-9]{1,32}$/, 'saliency- and the data directory’s id'),
  queue: queueAddressSchema,
  coordinator: z.object({
    url: z.url(),
    /** PEM of the coordinator's own authority; null where it is on this machine, in plain text. */
    ca: z.string().nullable(),
    /** A folder that both see, in place of sending files; null: they are sent. */
    sharedFolder: z.string().nullable().default(null),
    /** 32 random bytes, base64url; the coordinator keeps its hash alone. */
    token: z.string().regex(/^[A-Za-z0-9_-]{43}$/, '43 characters of base64url'),
  }),
});
export type JoinFile = z.output<typeof joinFileSchema>;
