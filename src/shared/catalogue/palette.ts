import { z } from 'zod';
import { composedMethodId } from './methods';

/**
 * How each method looks in every chart and figure. Within each of the paper's two panels the
 * colours differ by at least 9 in OKLab (x 100) for normal, protan, deutan and tritan vision and
 * stand at least 3 : 1 against their background; dash and marker say the same without colour. Every
 * method of a figure has a colour, a dash and a marker that no other one of it has together.
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
  vargrad: style('#000cb4', '#a85400', [12, 4], 'star'),
  'smoothgrad-squared': style('#b46042', '#7e7e72', [10, 3, 2, 3], 'triangle'),
  'grad-cam': style('#ae186c', '#24fc18', [], 'square'),
  occlusion: style('#9600e4', '#b412fc', [8, 3], 'diamond'),
  rise: style('#6c0072', '#3c6ca2', [3, 2.5], 'circle'),
  random: style('#333333', '#d4d4d4', [2, 4], 'circle'),
  sobel: style('#767676', '#9a9a9a', [6, 4], 'square'),
};

/**
 * Colours of the methods that are not built in: by far the most unlike those and each other that
 * stand 3 : 1 against their ground (light, dark). A figure takes them all before any of them twice.
 */
const otherColours = [
  ['#8a2a8e', '#e1a3f5'],
  ['#a3461f', '#ff9a5c'],
  ['#1b6c12', '#5fc46a'],
  ['#007a99', '#38c6e0'],
  ['#9b1c31', '#ff8f9e'],
  ['#581f68', '#a42adb'],
  ['#7e37ed', '#7e6c8a'],
  ['#5f4358', '#d442a9'],
  ['#72130b', '#d42515'],
  ['#000094', '#684cff'],
  ['#9d9450', '#f6e59f'],
  ['#8691b2', '#8470e5'],
  ['#cb27c5', '#bd0db7'],
  ['#d16e8f', '#e83964'],
  ['#49664f', '#2d8949'],
  ['#a17740', '#fdc495'],
  ['#461943', '#9e7a8b'],
  ['#521616', '#d75a21'],
  ['#0d5279', '#8cdffb'],
  ['#495132', '#c2fc46'],
  ['#7f61f3', '#b2a3c4'],
  ['#bc3654', '#be3d70'],
  ['#6a0ba4', '#b485b8'],
  ['#183680', '#9ea0fa'],
] as const;

/** Their dashes, none of which a built-in method has, and their markers: 45 pairs. */
const otherDashes = [
  [5, 2, 1.5, 2],
  [14, 3],
  [4, 4],
  [7, 2],
  [2, 2],
] as const;
const otherMarkers: readonly Marker[] = [
  ...(['star', 'pentagon', 'plus', 'cross', 'diamond'] as const),
  ...(['circle', 'square', 'triangle', 'triangle-down'] as const),
];

/** Looks that differ from each other, in colour too as far as there are colours. */
const otherStyles: readonly MethodStyle[] = Array.from({ length: 360 }, (_, i) => {
  const [light, dark] = cyclic(otherColours, i);
  return style(light, dark, cyclic(otherDashes, i), cyclic(otherMarkers, i));
});

function cyclic<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('the palette has an empty list');
  return item;
}

/** What can be composed of the paper's operators beside its nine: each has a look of its own for good. */
const composed = [
  'times-input(guided)',
  'smooth(times-input(gradient))',
  'smooth(times-input(guided))',
  'times-input(smooth(gradient))',
  'times-input(smooth(guided))',
  'integrate(times-input(gradient))',
  'integrate(times-input(guided))',
  'times-input(integrate(gradient))',
  'times-input(integrate(guided))',
  'smooth(integrate(guided))',
  'integrate(smooth(guided))',
  'times-input(smooth(integrate(gradient)))',
  'times-input(smooth(integrate(guided)))',
  'times-input(integrate(smooth(gradient)))',
  'times-input(integrate(smooth(guided)))',
  'smooth(times-input(integrate(gradient)))',
  'smooth(times-input(integrate(guided)))',
  'smooth(integrate(times-input(gradient)))',
  'smooth(integrate(times-input(guided)))',
  'integrate(times-input(smooth(gradient)))',
  'integrate(times-input(smooth(guided)))',
  'integrate(smooth(times-input(gradient)))',
  'integrate(smooth(times-input(guided)))',
];
const knownStyles: ReadonlyMap<string, MethodStyle> = new Map([
  ...Object.entries(styles),
  ...composed.map(
    (composition, i) => [composedMethodId(composition), cyclic(otherStyles, i)] as const,
  ),
]);

/**
 * The looks of a figure's methods: no two the same. Built-in and composed methods always look as they
 * do everywhere. One of another id (a study's from elsewhere) takes the look that its id points at
 * or, where another method of the figure has that, the next that is free.
 *
 * @param methods ids of every method of the figure, in any order.
 */
export function methodStyles(methods: readonly string[]): ReadonlyMap<string, MethodStyle> {
  const found = new Map<string, MethodStyle>();
  const taken = new Set<MethodStyle>();
  const give = (method: string, look: MethodStyle) => {
    found.set(method, look);
    taken.add(look);
  };
  const others: string[] = [];
  for (const method of new Set(methods)) {
    const known = knownStyles.get(method);
    if (known) give(method, known);
    else others.push(method);
  }
  for (const method of others.sort()) give(method, freeStyle(method, taken));
  return found;
}

/** Among the first looks all colours differ: the later ones, with colours again, come after these. */
function freeStyle(method: string, taken: ReadonlySet<MethodStyle>): MethodStyle {
  let hash = 0;
  for (const character of method) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  const colours = otherColours.length;
  for (let round = 0; round < otherStyles.length; round += colours) {
    for (let step = 0; step < colours; step += 1) {
      const look = cyclic(otherStyles, round + ((hash + step) % colours));
      if (!taken.has(look)) return look;
    }
  }
  return cyclic(otherStyles, hash);
}

/**
 * The look of one method.
 *
 * @param among ids of every method of the figure or table that it stands in.
 */
export function methodStyle(method: string, among: readonly string[] = []): MethodStyle {
  const look = methodStyles([...among, method]).get(method);
  if (!look) throw new RangeError(`the palette has no look for ${method}`);
  return look;
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

/** SVG path data of each marker around (0, 0), about one unit in radius and within `markerReach`. */
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

/** How far the largest marker reaches from (0, 0) along an axis. */
export const markerReach = 1.25;
