import { z } from 'zod';
import { errorSchema } from './errors';
import { exportFileSchema } from './export-file';
import { mostThreads } from './threads';

/** Where the work of jobs is done. */
export const workplaces = ['here', 'both', 'queue'] as const;
export const workplaceSchema = z.enum(workplaces);
export type Workplace = z.infer<typeof workplaceSchema>;

export const workplaceNames: Readonly<Record<Workplace, string>> = {
  here: 'This machine',
  both: 'This machine and the queue’s workers',
  queue: 'The queue’s workers alone',
};

/** A worker as the queue knows it. */
export const workerSchema = z.object({
  /** Join, machine and process. */
  name: z.string(),
  join: z.string(),
  host: z.string(),
  /** Hash of its engine's class, short; and what keeps it from this machine's runs, in words. */
  engineClass: z.string(),
  difference: z.string().nullable(),
  /** Why it takes nothing for now although it is of this class, in a sentence. */
  problem: z.string().nullable(),
  threads: z.int(),
  slots: z.int(),
  state: z.enum(['idle', 'busy', 'draining', 'starting']),
  /** Titles of what it is at. */
  items: z.array(z.string()),
  /** Orders done in this session of it. */
  done: z.int(),
  /** Work done in a second of an engine, in seconds of this machine's; null until known. */
  rate: z.number().nullable(),
  lastSeen: z.string(),
});
export type WorkerRecord = z.infer<typeof workerSchema>;

/** Who may join. */
export const joinSchema = z.object({
  name: z.string(),
  createdAt: z.string(),
  lastUsed: z.string().nullable(),
  revokedAt: z.string().nullable(),
});
export type JoinRecord = z.infer<typeof joinSchema>;

/** The queue as this data directory knows it, without its secrets. */
export const machinesSchema = z.object({
  /** Null: there is no queue, and nothing of it is loaded. */
  queue: z
    .object({
      host: z.string(),
      port: z.int(),
      username: z.string(),
      tls: z.boolean(),
      /** The certificate of its authority is stored with it. */
      ca: z.boolean(),
      /** A password is stored with it. */
      password: z.boolean(),
      /** `queue try` wrote it. */
      trial: z.boolean(),
    })
    .nullable(),
  /** Of jobs that begin from now on. */
  workplace: workplaceSchema,
  /** Threads of the engine in an item, which belong to a run's class; null: one a processor. */
  threads: z.int().nullable(),
  /** Where workers reach this application; null while it does not listen. */
  listening: z.string().nullable(),
  /** Why workers with the newest join files do not reach it, in a sentence; null: they do, or there are none. */
  unreached: z.string().nullable(),
  connection: z.enum(['none', 'connecting', 'connected', 'lost']),
  /** Why it is not connected. */
  problem: errorSchema.nullable(),
  /** This machine's class, short; null until its engine is known. */
  engineClass: z.string().nullable(),
  workers: z.array(workerSchema),
  joins: z.array(joinSchema),
  /** What a running job waits for, in a sentence. */
  waiting: z.string().nullable(),
});
export type Machines = z.infer<typeof machinesSchema>;

/** What a join may be called. */
export const joinNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'small letters, digits and hyphens, at most 32');
const threadsRange = `from 1 to ${mostThreads}`;
const threadsSchema = z.int().min(1, threadsRange).max(mostThreads, threadsRange).nullable();

const none = z.object({});
const addressSchema = z.object({
  host: z.string().trim().min(1, 'a host name or address'),
  port: z.int('from 1 to 65535').min(1, 'from 1 to 65535').max(65_535, 'from 1 to 65535'),
  /** Empty: the queue’s default user. */
  username: z.string().default(''),
  /** Null: the one that is stored for this host and port, or none; empty: none. */
  password: z.string().nullable().default(null),
  /**
   * Null: plain text. `ca`: PEM of the authority; null: the one that is stored, or whom the system trusts;
   * empty: whom the system trusts.
   */
  tls: z.object({ ca: z.string().nullable() }).nullable().default(null),
});
export type QueueInput = z.output<typeof addressSchema>;

/** Routes of the settings of machines. */
export const machineRoutes = {
  'machines.get': { input: none, output: machinesSchema },
  /** Try a connection and say what is wrong with it, in a sentence that a person can act on. */
  'machines.test': { input: addressSchema, output: z.object({ version: z.string() }) },
  /** Keep an address that was tried; refuses one that cannot be used. */
  'machines.setQueue': { input: addressSchema, output: machinesSchema },
  'machines.forgetQueue': { input: none, output: machinesSchema },
  'machines.setWork': {
    input: z.object({
      workplace: workplaceSchema,
      threads: threadsSchema,
    }),
    output: machinesSchema,
  },
  /** A new join, its file among the exports, and what a person should know of it. */
  'machines.createJoin': {
    input: z.object({
      name: joinNameSchema,
      /** ADDRESS or ADDRESS:PORT at which workers reach this machine; null: as before, else loopback. */
      listen: z.string().trim().min(1, 'an address of this machine').nullable().default(null),
    }),
    output: z.object({ file: exportFileSchema, notes: z.array(z.string()) }),
  },
  'machines.revokeJoin': { input: z.object({ name: joinNameSchema }), output: machinesSchema },
  /** A worker ends its items and takes no other; `false` takes it back. */
  'machines.drain': {
    input: z.object({ worker: z.string().min(1, 'a worker’s name'), drain: z.boolean() }),
    output: machinesSchema,
  },
} as const;
