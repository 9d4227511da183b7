import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { type EngineDescription } from '../../../../shared/engine';
import { otherEngine } from '../../../../shared/errors';
import { counted } from '../../../../shared/format/counts';
import { setAgain } from '../../../../shared/threads';
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
  const trainsOnly = done.every((stage) => stage === 'train');
  const began = engineKey(before);
  const mayGoOn = (now: EngineKey): boolean => {
    const both = [began, now, architecture, makingOf(settings)] as const;
    return trainsAlike(...both) && (trainsOnly || isSameEngine(...both));
  };
  if (mayGoOn(engine)) return;
  const { threads } = began;
  if (mayGoOn({ ...engine, threads })) {
    throw otherEngine(
      `The run was begun with ${counted(threads, 'thread')} an item and cannot go on with ${engine.threads}: their results differ in the last digits. ${setAgain(threads)}, or start a new run with the same settings: it takes over every model that would be the same.`,
    );
  }
  const name = ({ tensorflow, deviceName, device, threads }: EngineKey) =>
    `TensorFlow ${tensorflow} on ${deviceName} (${device}), ${counted(threads, 'thread')}`;
  const [first, now] = [name(began), name(engine)];
  const why =
    first === now
      ? `The run was begun with other batch sizes, other kernels or an earlier version of the engine, and cannot go on with ${now}`
      : `The run was begun with ${first} and cannot go on with ${now}`;
  throw otherEngine(
    `${why}: their results differ in the last digits. Go on where it was begun, or start a new run with the same settings: it takes over every model that would be the same.`,
  );
}
