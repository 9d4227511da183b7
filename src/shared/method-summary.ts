import { type Method } from './catalogue/methods';
import { type MethodCurve, type RunResult } from './records';

/** How a method fares in a run, whatever its metric: by the area under its curve, or by its mean. */
export interface MethodSummary extends Pick<
  MethodCurve,
  'advantage' | 'advantageLow' | 'advantageHigh' | 'rank' | 'tiedWith'
> {
  readonly method: Method;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** In the order of the run's methods; none before there are results. */
export function summariesOf({
  curves,
  values = [],
}: Pick<RunResult, 'curves' | 'values'>): MethodSummary[] {
  return [
    ...curves.map((curve) => ({
      ...curve,
      value: curve.area,
      low: curve.areaLow,
      high: curve.areaHigh,
    })),
    ...values.map((value) => ({ ...value, value: value.mean })),
  ];
}

/** How many observations bear a run's figures so far; null before there are any. */
export const observed = ({
  curves,
  values = [],
}: Pick<RunResult, 'curves' | 'values'>): number | null =>
  curves[0]?.points[0]?.n ?? values[0]?.n ?? null;
