import { z } from 'zod';

/** Where the queue (Redis 6.2 or newer, or Valkey) is. With its password it is a secret. */
export const queueAddressSchema = z.object({
  host: z.string().trim().min(1, 'a host name or address'),
  port: z.int().min(1, 'from 1 to 65535').max(65_535, 'from 1 to 65535'),
  /** Empty: the queue's default user. */
  username: z.string().default(''),
  password: z.string().default(''),
  /** Null: plain text, for this machine alone. Without `ca`: whom the system trusts. */
  tls: z.object({ ca: z.string().nullable() }).nullable().default(null),
});
export type QueueAddress = z.output<typeof queueAddressSchema>;
