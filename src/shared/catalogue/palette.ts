import { z } from 'zod';

/**
 * How each method looks in every chart and figure. Within each of the paper's two panels the
 * colours differ by at least 9 in OKLab (x 100) for normal, protan, deutan and tritan vision and
 * stand at least 3 : 1 against their background; dash and marker say the same without colour.
 */
export const markers = [
  'circle',
  'square',
  'triangle',
  'diamond',
  'triangle-down',
  'plus',
  'cross',
  'star',
  'pentagon',
] as const;
export const markerSchema = z.enum(markers);
export type Marker = z.infer<typeof markerSchema>;

export interface MethodStyle {
  readonly light: string;
  readonly dark: string;
  /** Lengths of line and gap in units of one pixel; empty: solid. */
  readonly dash: readonly number[];
  readonly marker: Marker;
}

/** Chart grounds that the colours were chosen against. */
export const chartGround = { light: '#ffffff', dark: '#1b1d21' } as const;

const style = (
  light: string,
  dark: string,
  dash: readonly number[],
  marker: Marker,
): MethodStyle => ({ light, dark, dash, marker });

const styles: Readonly<Record<string, MethodStyle>> = {
  'vanilla-gradient': style('#165fa1', '#608bce', [], 'circle'),
  'grad-x-input': style('#e77101', '#d1811c', [8, 3], 'square'),
  smoothgrad: style('#0e9789', '#48b7a5', [3, 2.5], 'triangle'),
  'integrated-gradients': style('#c462e2', '#f394df', [10, 3, 2, 3], 'diamond'),
  'guided-backprop': style('#7d4e0d', '#bdb769', [12, 4], 'triangle-down'),
  'smoothed-integrated-gradients': style('#2a34c4', '#b27bfd', [], 'pentagon'),
  'smoothed-guided-backprop': style('#e8246c', '#ff6272', [8, 3], 'cross'),
  'integrated-smoothgrad': style('#1291f3', '#73bdfe', [3, 2.5], 'star'),
  'integrated-guided-backprop': style('#5c7800', '#8fe254', [10, 3, 2, 3], 'plus'),
  random: style('#333333', '#d4d4d4', [2, 4], 'circle'),
  sobel: style('#767676', '#9a9a9a', [6, 4], 'square'),
};

/** Methods that a person composes take these in turn, by their id. */
const composedStyles: readonly MethodStyle[] = [
  style('#8a2a8e', '#e1a3f5', [5, 2, 1.5, 2], 'star'),
  style('#a3461f', '#ff9a5c', [14, 3], 'pentagon'),
  style('#1b6c12', '#5fc46a', [4, 4], 'plus'),
  style('#007a99', '#38c6e0', [7, 2], 'cross'),
  style('#9b1c31', '#ff8f9e', [2, 2], 'diamond'),
];

/** The look of a method, by its id: the same in every chart, figure and run. */
export function methodStyle(method: string): MethodStyle {
  const known = styles[method];
  if (known) return known;
  let hash = 0;
  for (const character of method) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  const composed = composedStyles[hash % composedStyles.length];
  if (!composed) throw new RangeError('the palette has no style for composed methods');
  return composed;
}

const polygon = (points: readonly (readonly [number, number])[]) =>
  `M${points.map(([x, y]) => `${+x.toFixed(3)} ${+y.toFixed(3)}`).join('L')}Z`;

const regular = (corners: number, radius: (corner: number) => number) =>
  polygon(
    Array.from({ length: corners }, (_, corner): readonly [number, number] => {
      const angle = (2 * Math.PI * corner) / corners - Math.PI / 2;
      return [radius(corner) * Math.cos(angle), radius(corner) * Math.sin(angle)];
    }),
  );

const plus: readonly (readonly [number, number])[] = [
  [-0.35, -1],
  [0.35, -1],
  [0.35, -0.35],
  [1, -0.35],
  [1, 0.35],
  [0.35, 0.35],
  [0.35, 1],
  [-0.35, 1],
  [-0.35, 0.35],
  [-1, 0.35],
  [-1, -0.35],
  [-0.35, -0.35],
];
const turned = plus.map(([x, y]): readonly [number, number] => [
  (x - y) * Math.SQRT1_2,
  (x + y) * Math.SQRT1_2,
]);

/** SVG path data of each marker around (0, 0), about one unit in radius (ECharts: `path://` + d). */
export const markerPaths: Readonly<Record<Marker, string>> = {
  circle: 'M-0.9 0A0.9 0.9 0 1 1 0.9 0A0.9 0.9 0 1 1 -0.9 0Z',
  square: 'M-0.8 -0.8H0.8V0.8H-0.8Z',
  triangle: 'M0 -1.05L1 0.75H-1Z',
  diamond: 'M0 -1.15L0.9 0L0 1.15L-0.9 0Z',
  'triangle-down': 'M0 1.05L1 -0.75H-1Z',
  plus: polygon(plus),
  cross: polygon(turned),
  star: regular(10, (corner) => (corner % 2 === 0 ? 1.25 : 0.52)),
  pentagon: regular(5, () => 1.05),
};
