import { type RunResult } from '../../../../shared/records';
import { type FigureOptions, figureSvg, valuesSvg } from '../../export/figure/figure';

/** The figure of a run: its curves, or where it has one value an image its means, the best first. */
export function runFigure(
  { curves, values }: Pick<RunResult, 'curves' | 'values'>,
  options: FigureOptions,
): Promise<string> {
  return values ? valuesSvg(bestFirst(values), options) : figureSvg(curves, options);
}

/** By rank, within a rank by advantage. */
export const bestFirst = <T extends { readonly rank: number; readonly advantage: number }>(
  methods: readonly T[],
): T[] => [...methods].sort((a, b) => a.rank - b.rank || b.advantage - a.advantage);
