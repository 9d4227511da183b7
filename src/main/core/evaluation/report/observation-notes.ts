import { retrains, type RoarSettings } from '../../../../shared/catalogue/roar';
import { type MethodCurve } from '../../../../shared/records';
import { fewestForInterval, fewestForTrust } from '../../../../statistics/observations';

/** Observations of a run's figures: its images or, where models are retrained, repetitions so far. */
export const observationsOf = (curves: readonly MethodCurve[]): number | null =>
  curves[0]?.points[0]?.n ?? null;

/** What must be said of a run's figures where few observations bear them; nothing otherwise. */
export function observationNotes(
  { protocol, images }: Pick<RoarSettings, 'protocol' | 'images'>,
  curves: readonly MethodCurve[],
): string[] {
  const n = observationsOf(curves);
  if (n === null) return [];
  if (!retrains(protocol)) {
    if (n < fewestForInterval) return [`One image says nothing of others: ${withoutIntervals}`];
    return n < fewestForTrust
      ? [`With ${n} images the intervals are rough, and rather too narrow.`]
      : [];
  }
  const few =
    n < fewestForInterval
      ? [`One repetition says nothing of chance: ${withoutIntervals}`]
      : n < fewestForTrust
        ? [`With ${n} repetitions the intervals are rough: they rest on the spread of ${n} values.`]
        : [];
  const ofImages = images === 1 ? 'one image' : `${images} images`;
  return images < fewestForTrust
    ? [...few, `Each accuracy is of ${ofImages}: it says little of others.`]
    : few;
}

const withoutIntervals = 'there are no intervals, and no method ranks before another.';
