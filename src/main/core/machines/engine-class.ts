import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import { counted } from '../../../shared/format/counts';
import { engineKeySchema } from '../artifacts/keys';

/**
 * Engines that make the same bytes: the same build, the same key, and the same weights and maps of a
 * short seeded probe. Names of processors do not suffice.
 */
export const engineClassSchema = z.object({
  /** Hash of the built engine. */
  build: z.string(),
  engine: engineKeySchema,
  /** Hash of the probe's weights and maps. */
  probe: z.string(),
});
export type EngineClass = Readonly<z.infer<typeof engineClassSchema>>;

export function classHash({ build, engine, probe }: EngineClass): string {
  const { numerics, tensorflow, device, threads, oneDnn, plan, arithmetic } = engine;
  // The name of a processor says nothing that the probe does not.
  const determining = { numerics, tensorflow, device, threads, oneDnn, plan, arithmetic };
  return createHash('sha256')
    .update(canonicalJson({ build, engine: determining, probe }))
    .digest('hex');
}

/** As it is shown to a person. */
export const shortClass = (engineClass: EngineClass): string => classHash(engineClass).slice(0, 12);

/** What keeps a worker's engine from a run's, in words; null where they are of one class. */
export function classDifference(own: EngineClass, other: EngineClass): string | null {
  if (classHash(own) === classHash(other)) return null;
  if (own.build !== other.build) return 'other build';
  const [a, b] = [own.engine, other.engine];
  if (a.tensorflow !== b.tensorflow) return `TensorFlow ${b.tensorflow}, not ${a.tensorflow}`;
  if (a.device !== b.device) return `on ${b.device}, not ${a.device}`;
  if (a.threads !== b.threads) return `${counted(b.threads, 'thread')} an item, not ${a.threads}`;
  return 'other instruction set';
}
