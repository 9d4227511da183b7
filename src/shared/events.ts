import { z } from 'zod';
import { datasetIdSchema } from './catalogue/datasets';
import { epochRecordSchema } from './catalogue/training';
import { errorSchema } from './errors';
import {
  experimentIdSchema,
  modelIdSchema,
  runIdSchema,
  studyIdSchema,
  uploadIdSchema,
} from './ids';
import { jobProgressSchema, jobSchema } from './jobs';
import { exploredMapSchema, statusSchema } from './records';

/** What core announces, after it is committed. */
export const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('engine.changed'), engine: statusSchema.shape.engine }),
  z.object({ type: z.literal('job.changed'), job: jobSchema }),
  z.object({ type: z.literal('job.progress'), progress: jobProgressSchema }),
  z.object({ type: z.literal('model.changed'), model: modelIdSchema }),
  z.object({ type: z.literal('model.epoch'), model: modelIdSchema, epoch: epochRecordSchema }),
  z.object({ type: z.literal('dataset.changed'), dataset: datasetIdSchema }),
  /** One more or one less: ask for them again. */
  z.object({ type: z.literal('methods.changed') }),
  z.object({ type: z.literal('run.changed'), run: runIdSchema }),
  z.object({ type: z.literal('experiment.changed'), experiment: experimentIdSchema }),
  z.object({ type: z.literal('study.changed'), study: studyIdSchema }),
  /** The queue, a worker or a join: ask for them again. */
  z.object({ type: z.literal('machines.changed') }),
  z.object({ type: z.literal('annotator.changed'), active: z.boolean() }),
  z.object({
    type: z.literal('preview.progress'),
    request: z.string(),
    done: z.number(),
    /** 0: it is not known how many there are. */
    total: z.number(),
    unit: z.string(),
    /** Of `unit` a second, and seconds; null: not known yet. */
    rate: z.number().nullable(),
    secondsLeft: z.number().nullable(),
  }),
  z.object({ type: z.literal('maps.ready'), ...exploredMapSchema.shape }),
  z.object({
    type: z.literal('maps.progress'),
    request: z.string(),
    method: z.string(),
    share: z.number(),
  }),
  /** A look into a file of weights. */
  z.object({ type: z.literal('weights.progress'), upload: uploadIdSchema, share: z.number() }),
  /** How far a look at a file of maps is. */
  z.object({
    type: z.literal('maps.looking'),
    request: z.string(),
    done: z.number(),
    total: z.number(),
    /** `maps`, or `bytes` while they are unpacked or turned. */
    unit: z.string(),
  }),
  z.object({
    type: z.literal('maps.finished'),
    request: z.string(),
    error: errorSchema.nullable(),
  }),
]);

export type StudioEvent = z.infer<typeof eventSchema>;
export type EventType = StudioEvent['type'];
export type EventOf<T extends EventType> = Extract<StudioEvent, { type: T }>;
