import { type MethodCurve } from '../../../shared/records';
import { legendRow, legendTop, type Panel, plotWidth } from './figure-geometry';
import { type Font } from './font';

export const legendSize = 12;
/** Length of the line that shows a method's dash and marker. */
export const sampleWidth = 28;
export const sampleGap = 7;
const columnGap = 12;

export interface LegendEntry {
  readonly curve: MethodCurve;
  readonly name: string;
  readonly x: number;
  /** The text's baseline. */
  readonly y: number;
}

export interface Legend {
  readonly entries: readonly LegendEntry[];
  readonly rows: number;
}

/** A panel's legend: the paper's order, controls last; two columns where they fit, else one. */
export function legendOf(panel: Panel, font: Font): Legend {
  const curves = [...panel.curves].sort(
    (a, b) => Number(a.method.group === 'control') - Number(b.method.group === 'control'),
  );
  const width = (name: string) => sampleWidth + sampleGap + font.width(name, legendSize, 400);
  const widest = (some: readonly MethodCurve[]) =>
    Math.max(0, ...some.map(({ method }) => width(method.name)));
  const half = Math.ceil(curves.length / 2);
  const first = widest(curves.slice(0, half));
  const second = widest(curves.slice(half));
  const two = first + columnGap + second <= plotWidth;
  const rows = two ? half : curves.length;
  const offset = Math.max(first + columnGap, Math.min(plotWidth / 2, plotWidth - second));
  return {
    rows,
    entries: curves.map((curve, index) => ({
      curve,
      name: shorten(curve.method.name, plotWidth - sampleWidth - sampleGap, font),
      x: panel.left + (index < rows ? 0 : offset),
      y: legendTop + (index % rows) * legendRow,
    })),
  };
}

function shorten(name: string, width: number, font: Font): string {
  const words = font.shown(name);
  if (font.width(words, legendSize, 400) <= width) return words;
  const letters = [...words];
  while (letters.length > 1 && font.width(`${letters.join('')}…`, legendSize, 400) > width) {
    letters.pop();
  }
  return `${letters.join('')}…`;
}
