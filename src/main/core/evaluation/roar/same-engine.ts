import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { type EngineDescription } from '../../../../shared/engine';
import { otherEngine } from '../../../../shared/errors';
import {
  engineKey,
  type EngineKey,
  isSameEngine,
  makingOf,
  trainsAlike,
} from '../../artifacts/keys';

/**
 * A run is of one engine: half of it from another would equal neither's uninterrupted run. While
 * nothing but training is done, one that trains alike may go on.
 *
 * @param before what began the run
 * @param done the stages of which something is done
 * @throws StudioError `conflict` where the engine is another
 */
export function requireSameEngine(
  before: EngineDescription | null,
  engine: EngineKey,
  settings: Pick<RoarSettings, 'recipe' | 'fill' | 'parameters' | 'protocol'>,
  done: readonly string[],
): void {
  if (!before || done.length === 0) return;
  const { architecture } = settings.recipe;
  const both = [engineKey(before), engine, architecture, makingOf(settings)] as const;
  const trainsOnly = done.every((stage) => stage === 'train');
  if (trainsAlike(...both) && (trainsOnly || isSameEngine(...both))) return;
  const name = ({ tensorflow, deviceName, device, threads }: EngineKey) =>
    `TensorFlow ${tensorflow} on ${deviceName} (${device}), ${threads} threads`;
  const [first, now] = [name(engineKey(before)), name(engine)];
  const why =
    first === now
      ? `The run was begun with other batch sizes, other kernels or an earlier version of the engine, and cannot go on with ${now}`
      : `The run was begun with ${first} and cannot go on with ${now}`;
  throw otherEngine(
    `${why}: their results differ in the last digits. Go on where it was begun, or start a new run with the same settings: it takes over every model that would be the same.`,
  );
}
