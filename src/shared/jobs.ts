import { z } from 'zod';
import { errorSchema } from './errors';
import { jobIdSchema } from './ids';

export const jobKinds = [
  'train',
  'test',
  'roar',
  'study',
  'dataset',
  'images',
  'export',
  'maps',
] as const;
export const jobStates = [
  'queued',
  'running',
  'cancelling',
  'cancelled',
  'parked',
  'failed',
  'done',
] as const;
export type JobState = (typeof jobStates)[number];

export const jobStageSchema = z.object({
  id: z.string(),
  title: z.string(),
  items: z.int(),
  done: z.int(),
  /** Of the items done: how many were found already computed with the same inputs. */
  reused: z.int(),
  /** Seconds of work spent in this stage so far, over all attempts. */
  seconds: z.number(),
});
export type JobStage = z.infer<typeof jobStageSchema>;

/** The live part of a job: sent at least once a second while it runs. */
export const jobProgressSchema = z.object({
  job: jobIdSchema,
  stage: z.string(),
  /** The item under way, in words: 'Level 0.3, epoch 2 of 5'. */
  item: z.string(),
  itemsDone: z.int(),
  itemsTotal: z.int(),
  /** Share of the item under way, 0..1. */
  itemShare: z.number(),
  /** Share of the whole job by expected time, 0..1. */
  share: z.number(),
  /** What the engine counts now, per second (e.g. 5,000 images/s). */
  rate: z.number().nullable(),
  unit: z.string().nullable(),
  /** Seconds left, by measured rates; null until one is known. */
  secondsLeft: z.number().nullable(),
  elapsed: z.number(),
  loss: z.number().optional(),
  accuracy: z.number().optional(),
});
export type JobProgress = z.infer<typeof jobProgressSchema>;

export const jobSchema = z.object({
  id: jobIdSchema,
  kind: z.enum(jobKinds),
  title: z.string(),
  state: z.enum(jobStates),
  /** What the job makes: a run, a model, a study, a dataset or a method; null where that is known at its end. */
  subject: z.string().nullable(),
  stages: z.array(jobStageSchema),
  progress: jobProgressSchema.nullable(),
  error: errorSchema.nullable(),
  attempt: z.int(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
});
export type Job = z.infer<typeof jobSchema>;

/** In place of an item's title: what is to be done is in the queue, and nobody is at it. */
export const waitingForWorker = 'Waiting for a worker';
