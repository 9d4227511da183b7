import {
  chartGround,
  markerPaths,
  type MethodStyle,
  methodStyles,
} from '../../../../shared/catalogue/palette';
import { type MethodCurve } from '../../../../shared/records';
import { type Weight } from '../../storage/installed-files';
import { escapeMarkup } from '../text/markup';
import { coordinate as round, fixed, levelText } from '../text/numbers';
import { type Font, type TextMode } from './font';
import {
  labelledLevels,
  legendLine,
  type Panel,
  plotBottom,
  plotTop,
  plotWidth,
  yOf,
} from './geometry';
import { type Legend, legendSize, sampleGap, sampleWidth } from './legend';

export interface FigureTheme {
  readonly ground: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  colour(method: string, look: MethodStyle): string;
}

export const lightTheme: FigureTheme = {
  ground: chartGround.light,
  ink: '#1a1a1a',
  muted: '#595959',
  grid: '#e4e4e4',
  colour: (_, look) => look.light,
};

/** Colours by CSS variables, for a page that is light or dark; see `figureVariables`. */
export const pageTheme: FigureTheme = {
  ground: 'var(--chart-ground)',
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  grid: 'var(--grid)',
  colour: (method) => `var(--method-${method})`,
};

/** The variables of `pageTheme` for each method. */
export function figureVariables(methods: readonly string[], scheme: 'light' | 'dark'): string {
  return [...methodStyles(methods)].map(([id, look]) => `--method-${id}:${look[scheme]};`).join('');
}

export const axisTitles = {
  x: 'Degradation level',
  y: 'Mean softmax score of the ground-truth class',
} as const;

export interface TextOptions {
  readonly size: number;
  readonly weight?: Weight;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly fill: string;
  readonly vertical?: boolean;
}

const point = (x: number, y: number) => `${round(x)} ${round(y)}`;

/** What a two-panel figure is drawn with: each answers with SVG elements. */
export interface Marks {
  text(x: number, y: number, words: string, style: TextOptions): string;
  /** Title, axes and grid of a panel. */
  frame(panel: Panel): string;
  /** Bands and curves of a panel. */
  drawn(panel: Panel): string;
  legend(legend: Legend): string;
}

/**
 * @param methods ids of every method of the figure, whatever part of it is drawn
 * @param mode `real` text in the font; `paths` needs no font where it is drawn
 */
export function figureMarks(
  methods: readonly string[],
  font: Font,
  theme: FigureTheme,
  mode: TextMode,
): Marks {
  const looks = methodStyles(methods);
  const lookOf = ({ method: { id } }: MethodCurve) => {
    const look = looks.get(id);
    if (!look) throw new RangeError(`${id} is no method of the figure`);
    return { look, colour: theme.colour(id, look) };
  };
  const text = (x: number, y: number, words: string, style: TextOptions): string => {
    const { size, weight = 400, anchor = 'start', fill, vertical = false } = style;
    const turn = vertical ? ` transform="rotate(-90 ${point(x, y)})"` : '';
    if (mode === 'real') {
      return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${fill}"${turn}>${escapeMarkup(words)}</text>`;
    }
    const width = font.width(words, size, weight);
    const start = anchor === 'start' ? x : x - (anchor === 'middle' ? width / 2 : width);
    return `<path d="${font.path(words, start, y, size, weight)}" fill="${fill}"${turn}/>`;
  };

  const frame = (panel: Panel): string => {
    const levels = panel.curves[0]?.points.map(({ level }) => level) ?? [];
    const end = panel.left + plotWidth;
    const parts = [
      text(panel.left, plotTop - 13, panel.title, { size: 14, weight: 600, fill: theme.ink }),
    ];
    for (const tick of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
      const y = yOf(tick);
      if (tick > 0) {
        parts.push(
          `<path d="M${point(panel.left, y)}H${round(end)}" stroke="${theme.grid}" fill="none"/>`,
        );
      }
      parts.push(
        text(panel.left - 9, y + 4, fixed(tick, 1), { size: 12, anchor: 'end', fill: theme.muted }),
      );
    }
    for (const level of labelledLevels(levels)) {
      parts.push(
        `<path d="M${point(panel.x(level), plotBottom)}v5" stroke="${theme.muted}" fill="none"/>`,
        text(panel.x(level), plotBottom + 20, levelText(level), {
          size: 12,
          anchor: 'middle',
          fill: theme.muted,
        }),
      );
    }
    parts.push(
      `<path d="M${point(panel.left, plotTop)}V${plotBottom}H${round(end)}" stroke="${theme.muted}" fill="none"/>`,
      text(panel.left + plotWidth / 2, plotBottom + 42, axisTitles.x, {
        size: 13,
        anchor: 'middle',
        fill: theme.ink,
      }),
    );
    return parts.join('\n');
  };

  const marker = (curve: MethodCurve, x: number, y: number, size = 3.9): string => {
    const { look, colour } = lookOf(curve);
    const scale = curve.method.group === 'control' ? 2.6 : size;
    return `<path d="${markerPaths[look.marker]}" transform="translate(${point(x, y)}) scale(${scale})" fill="${colour}" stroke="${theme.ground}" stroke-width="${round(0.9 / scale)}"/>`;
  };

  const line = (curve: MethodCurve, d: string): string => {
    const { look, colour } = lookOf(curve);
    const dashes = look.dash.length > 0 ? ` stroke-dasharray="${look.dash.join(' ')}"` : '';
    return `<path class="line" d="${d}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-linejoin="round"${dashes}/>`;
  };

  /** Null where there are no intervals. */
  const band = (panel: Panel, curve: MethodCurve): string | null => {
    const known = curve.points.flatMap(({ level, low, high }) =>
      low === null || high === null ? [] : [{ level, low, high }],
    );
    if (known.length === 0) return null;
    const upper = known.map(({ level, high }) => point(panel.x(level), yOf(high)));
    const lower = known.map(({ level, low }) => point(panel.x(level), yOf(low))).reverse();
    return `<path class="band" d="M${[...upper, ...lower].join('L')}Z" fill="${lookOf(curve).colour}" fill-opacity="0.13"/>`;
  };

  const drawn = (panel: Panel): string => {
    const group = (curve: MethodCurve, body: string, role: string) =>
      `<g data-panel="${panel.id}" data-method="${curve.method.id}" data-part="${role}">${body}</g>`;
    const bands = panel.curves.flatMap((curve) => {
      const body = band(panel, curve);
      return body === null ? [] : [group(curve, body, 'band')];
    });
    const lines = panel.curves.map((curve) => {
      const places = curve.points.map(({ level, mean }) => ({
        x: panel.x(level),
        y: yOf(mean),
      }));
      const d = `M${places.map(({ x, y }) => point(x, y)).join('L')}`;
      const markers = places.map(({ x, y }) => marker(curve, x, y)).join('');
      return group(curve, line(curve, d) + markers, 'curve');
    });
    return [...bands, ...lines].join('\n');
  };

  const legend = ({ entries }: Legend): string =>
    entries
      .map(({ curve, lines, x, y }) =>
        [
          line(curve, `M${point(x, y - 4)}h${sampleWidth}`),
          marker(curve, x + sampleWidth / 2, y - 4),
          ...lines.map((words, i) =>
            text(x + sampleWidth + sampleGap, y + i * legendLine, words, {
              size: legendSize,
              fill: theme.ink,
            }),
          ),
        ].join(''),
      )
      .join('\n');
  return { text, frame, drawn, legend };
}
