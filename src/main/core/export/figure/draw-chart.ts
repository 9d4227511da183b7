import { type ECharts, init, setPlatformAPI, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { chartParts } from '../../../../shared/charts/chart-parts';
import { type FigureDrawing } from '../../../../shared/charts/curve-figure';
import { seriesMarks } from '../../../../shared/charts/series-key';
import { type Weight } from '../../../../shared/charts/text-lines';
import { escapeMarkup } from '../text/markup';
import { type Font, type TextMode } from './font';
import { type SvgText, svgText } from './svg-text';

use([...chartParts, SVGRenderer]);

/**
 * A chart as SVG elements, drawn by ECharts without a page. Equal drawings give equal text, whatever
 * was drawn before.
 */
export function drawChart(drawing: FigureDrawing, font: Font, mode: TextMode): string {
  const { option, width, height } = drawing;
  setPlatformAPI({ measureText: (text, css) => ({ width: widthOf(text, css, font) }) });
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(option);
    return elements(chart, svgText(font, mode));
  } finally {
    chart.dispose();
  }
}

/** ECharts takes its width for the height of a line: one em in the fonts of browsers. */
const square = '国';

function widthOf(text: string, css: string | undefined, font: Font): number {
  const { size, weight } = fontOf(css ?? '');
  return text === square ? size : font.width(text, size, weight);
}

/** Of a CSS `font` or style, such as 'normal 600 14px Inter'. */
function fontOf(css: string): { size: number; weight: Weight } {
  const size = /([\d.]+)px/.exec(css)?.[1];
  if (size === undefined) throw new RangeError(`text of a chart has the font '${css}'`);
  return { size: Number(size), weight: /\b(600|bold)\b/.test(css) ? 600 : 400 };
}

/** An element of the tree that ECharts' SVG renderer makes before it writes it. */
interface Node {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly children?: readonly Node[];
  readonly text?: string;
  /** Of what is drawn, the id of its shape. */
  readonly key: string;
}

function treeOf(chart: ECharts): readonly Node[] {
  const { painter } = chart.getZr();
  if (!('renderToVNode' in painter) || typeof painter.renderToVNode !== 'function') {
    throw new TypeError('ECharts has no renderer that makes SVG');
  }
  return (painter.renderToVNode({}) as Node).children ?? [];
}

const shapesOf = (chart: ECharts) => chart.getZr().storage.getDisplayList();
type Shape = ReturnType<typeof shapesOf>[number];

/** A shape and the groups that it stands in. */
function* withGroups(shape: Shape): Generator<Shape | Shape['parent']> {
  for (let at: Shape | Shape['parent'] | null = shape; at; at = at.parent) yield at;
}

/**
 * Takes away the clip paths that cut nothing off, such as ECharts puts on every line: who opens the
 * picture to edit it would have to undo them.
 */
function dropIdleClips(chart: ECharts): void {
  const idle = new Map<Shape | Shape['parent'], boolean>();
  for (const shape of shapesOf(chart)) {
    const painted = shape.getPaintRect();
    for (const at of withGroups(shape)) {
      const clip = at.getClipPath()?.getBoundingRect();
      if (!clip) continue;
      const inside =
        clip.contain(painted.x, painted.y) &&
        clip.contain(painted.x + painted.width, painted.y + painted.height);
      idle.set(at, inside && idle.get(at) !== false);
    }
  }
  for (const [at, cutsNothing] of idle) if (cutsNothing) at.removeClipPath();
}

/** The id of the series that each shape belongs to. */
function seriesOfShapes(chart: ECharts): ReadonlyMap<string, string> {
  const { series } = chart.getOption() as { series: { id: string }[] };
  const found = new Map<string, string>();
  for (const shape of shapesOf(chart)) {
    for (const at of withGroups(shape)) {
      if (!('__ecComponentInfo' in at)) continue;
      const { mainType, index } = at.__ecComponentInfo as { mainType: string; index: number };
      const id = mainType === 'series' ? series[index]?.id : undefined;
      if (id !== undefined) found.set(String(shape.id), id);
      break;
    }
  }
  return found;
}

/** What the chart shows, with the shapes of one series in a group that says which. */
function elements(chart: ECharts, text: SvgText): string {
  dropIdleClips(chart);
  const series = seriesOfShapes(chart);
  const seriesOf = (node: Node): string | undefined =>
    series.get(node.key) ?? (node.children?.[0] && seriesOf(node.children[0]));
  const tree = treeOf(chart);
  const partOf = (key: string) => tree.find((node) => node.key === key);
  const definitions = partOf('defs');
  const lines: string[] = definitions ? [element(definitions, text)] : [];
  let current: string | undefined;
  for (const node of partOf('main')?.children ?? []) {
    const id = seriesOf(node);
    if (id !== current) {
      if (current !== undefined) lines.push('</g>');
      if (id !== undefined) lines.push(`<g${marks(id)}>`);
      current = id;
    }
    lines.push(element(node, text));
  }
  if (current !== undefined) lines.push('</g>');
  return lines.join('\n');
}

function marks(id: string): string {
  return Object.entries(seriesMarks(id))
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ` data-${name}="${escapeMarkup(value)}"`)
    .join('');
}

function element(node: Node, text: SvgText): string {
  if (node.tag === 'text') return words(node, text);
  const attributes = Object.entries(node.attrs).flatMap(([name, value]) =>
    isDrawn(name) && value !== undefined ? [` ${name}="${attribute(value)}"`] : [],
  );
  const open = `<${node.tag}${attributes.join('')}`;
  const inside = (node.children ?? []).map((child) => element(child, text)).join('');
  return inside === '' ? `${open}/>` : `${open}>${inside}</${node.tag}>`;
}

/** What a page of ECharts reads, and how it takes the pointer, is of no use in a picture. */
const isDrawn = (name: string): boolean => !name.startsWith('ecmeta_') && name !== 'pointer-events';

function attribute(value: string | number | boolean): string {
  if (typeof value === 'number') return String(Number(value.toFixed(4)));
  // ECharts counts its charts, and names clip paths by that number.
  return escapeMarkup(String(value).replace(/\bzr\d+-/, 'chart-'));
}

/** Half the height of Inter's capitals in ems: from a line's middle, by which ECharts places it. */
const toBaseline = 1490 / 2048 / 2;

function words({ attrs, text: content = '' }: Node, text: SvgText): string {
  const { size, weight } = fontOf(String(attrs['style']));
  const { 'text-anchor': anchor, transform = '' } = attrs;
  const [, dx = 0, dy = 0] =
    /^translate\((\S+) (\S+)\)$/.exec(String(transform))?.map(Number) ?? [];
  const moved = dx !== 0 || dy !== 0;
  return text(
    Number(attrs['x'] ?? 0) + dx,
    Number(attrs['y'] ?? 0) + dy + size * toBaseline,
    content,
    {
      size,
      weight,
      anchor: anchor === 'middle' || anchor === 'end' ? anchor : 'start',
      fill: String(attrs['fill']),
      transform: moved || transform === '' ? undefined : String(transform),
    },
  );
}
