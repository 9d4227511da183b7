import { type RunResult } from '../../../shared/records';
import { formatPercent } from '../../format';

export type LevelResult = RunResult['levels'][number];

/** The paper says 'above 98%' up to t = 0.4 and gives a figure from there on. */
export const paperWords = ({ level, paperAccuracy }: LevelResult): string =>
  paperAccuracy === null
    ? '–'
    : `${level < 0.45 ? 'above ' : ''}${formatPercent(paperAccuracy, 0)}`;

/** Ours beside it, in points. */
export function paperDifference({ paperAccuracy, validationAccuracy }: LevelResult): string {
  if (paperAccuracy === null || validationAccuracy === null) return '–';
  const points = (validationAccuracy - paperAccuracy) * 100;
  return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}`;
}
