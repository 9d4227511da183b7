import { type PanelId } from './panels';

/** What a series of a figure is, which its id says: drawings are marked with it. */
export interface SeriesKey {
  readonly part: 'band' | 'curve' | 'legend' | 'value';
  /** Empty in a figure of one. */
  readonly panel: PanelId | '';
  /** Id of the method; empty in a legend, which is of all. */
  readonly method: string;
  /** Which of the figure's grids it stands on. */
  readonly grid: number;
}

export const seriesId = ({ part, panel, grid, method }: SeriesKey): string =>
  [part, panel, grid, method].join('/');

/** Panel, method and part of a series by its id. */
export function seriesMarks(id: string): Readonly<Record<'panel' | 'method' | 'part', string>> {
  const [part = '', panel = '', , ...method] = id.split('/');
  return { panel, method: method.join('/'), part };
}
