import { type Interval } from './bootstrap';

/** An interval's ends; both null where there is none. */
export interface Bounds {
  readonly low: number | null;
  readonly high: number | null;
}

const noBounds: Bounds = { low: null, high: null };

/** The fewest observations that tell of chance: one leaves nothing to set against another. */
export const fewestForInterval = 2;

/** From how many observations on an interval is taken at its word; one of fewer carries a warning. */
export const fewestForTrust = 5;

/** An interval over `observations` values, made only where there are enough of them for one. */
export function boundsOf(observations: number, interval: () => Interval): Bounds {
  return observations < fewestForInterval ? noBounds : interval();
}

/** Whether all of an interval lies above a value, or below it; without an interval neither. */
export const isAbove = ({ low }: Bounds, value = 0): boolean => low !== null && low > value;
export const isBelow = ({ high }: Bounds, value = 0): boolean => high !== null && high < value;
