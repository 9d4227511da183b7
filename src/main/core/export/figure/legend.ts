import { type MethodCurve } from '../../../../shared/records';
import { type Font } from './font';
import { legendLine, legendRow, legendTop, type Panel, plotWidth } from './geometry';
import { textLines } from './text-lines';

export const legendSize = 12;
/** Length of the line that shows a method's dash and marker. */
export const sampleWidth = 28;
export const sampleGap = 7;
const columnGap = 12;

export interface LegendEntry {
  readonly curve: MethodCurve;
  /** The name, in as many lines as it takes. */
  readonly lines: readonly string[];
  readonly x: number;
  /** The first line's baseline. */
  readonly y: number;
}

export interface Legend {
  readonly entries: readonly LegendEntry[];
  readonly height: number;
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
  let end = 0;
  const entries = curves.map((curve, index): LegendEntry => {
    const row = index % rows;
    const top = two || row === 0 ? row * legendRow : end;
    const lines = textLines(
      curve.method.name,
      plotWidth - sampleWidth - sampleGap,
      legendSize,
      font,
    );
    end = top + legendRow + legendLine * (lines.length - 1);
    return {
      curve,
      lines,
      x: panel.left + (index < rows ? 0 : offset),
      y: legendTop + top,
    };
  });
  return { entries, height: two ? rows * legendRow : end };
}
