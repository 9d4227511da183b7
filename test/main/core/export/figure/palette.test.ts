import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import { builtInMethods, composedMethodId } from '../../../../../src/shared/catalogue/methods';
import {
  chartGround,
  markerPaths,
  markerReach,
  type MethodStyle,
  methodStyle,
  methodStyles,
} from '../../../../../src/shared/catalogue/palette';

type Vector = readonly [number, number, number];

const linear = (hex: string): Vector => {
  const channel = (start: number) => {
    const value = parseInt(hex.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
};

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const visions: Readonly<Record<string, readonly Vector[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const dot = (row: Vector, v: Vector) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2];
const seen = (matrix: readonly Vector[], v: Vector): Vector => {
  const [r = 0, g = 0, b = 0] = matrix.map((row) => Math.min(1, Math.max(0, dot(row, v))));
  return [r, g, b];
};

/** Ottosson 2020. */
function oklab(v: Vector): Vector {
  const l = Math.cbrt(dot([0.4122214708, 0.5363325363, 0.0514459929], v));
  const m = Math.cbrt(dot([0.2119034982, 0.6806995451, 0.1073969566], v));
  const s = Math.cbrt(dot([0.0883024619, 0.2817188376, 0.6299787005], v));
  return [
    dot([0.2104542553, 0.793617785, -0.0040720468], [l, m, s]),
    dot([1.9779984951, -2.428592205, 0.4505937099], [l, m, s]),
    dot([0.0259040371, 0.7827717662, -0.808675766], [l, m, s]),
  ];
}

const distance = (a: Vector, b: Vector) => 100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const luminance = (hex: string) => dot([0.2126, 0.7152, 0.0722], linear(hex));
const contrast = (a: string, b: string) => {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};

const panel = (group: string) => [
  ...builtInMethods.filter((method) => method.group === group).map(({ id }) => id),
  'random',
];

describe.each(['light', 'dark'] as const)('palette, %s', (scheme) => {
  it.each(builtInMethods.map(({ id }) => id))('%s stands 3 : 1 against the ground', (id) => {
    expect(contrast(methodStyle(id)[scheme], chartGround[scheme])).toBeGreaterThanOrEqual(3);
  });

  it.each(['individual', 'combination'])(
    'methods of the %s panel differ for every eye',
    (group) => {
      const ids = panel(group);
      for (const matrix of Object.values(visions)) {
        const colours = ids.map((id) => oklab(seen(matrix, linear(methodStyle(id)[scheme]))));
        colours.forEach((a, i) => {
          colours.slice(0, i).forEach((b) => expect(distance(a, b)).toBeGreaterThan(8.9));
        });
      }
    },
  );
});

describe('without colour', () => {
  it.each(['individual', 'combination'])('dash or marker differ in the %s panel', (group) => {
    const looks = panel(group).map((id) => {
      const { dash, marker } = methodStyle(id);
      return `${dash.join(' ')} ${marker}`;
    });
    expect(new Set(looks).size).toBe(looks.length);
  });

  it('every marker has a path, and a composed method keeps its look', () => {
    for (const { id } of builtInMethods) {
      expect(markerPaths[methodStyle(id).marker]).toMatch(/^M.*Z$/);
    }
  });

  it('every marker lies within the reach by which all are sized', () => {
    for (const path of Object.values(markerPaths)) {
      const places = [...path.matchAll(/-?[\d.]+/g)].map(([value]) => Math.abs(Number(value)));
      expect(Math.max(...places)).toBeLessThanOrEqual(markerReach);
    }
  });
});

/** Every composition of the paper's operators: each base under each choice and order of wrappers. */
function everyComposition(): string[] {
  const wrapped = (inner: string, left: readonly string[]): string[] => [
    inner,
    ...left.flatMap((wrapper) =>
      wrapped(
        `${wrapper}(${inner})`,
        left.filter((other) => other !== wrapper),
      ),
    ),
  ];
  const { operators } = builtInCatalogues;
  const wrappers = operators
    .ofFamily('wrapper')
    .map(({ id }) => id)
    .filter((id) => id !== 'variance' && id !== 'mean-square');
  return operators.ofFamily('base').flatMap(({ id }) => wrapped(id, wrappers));
}

const builtIn = builtInMethods.map(({ id }) => id);
const composed = everyComposition()
  .filter((text) => !builtInMethods.some(({ composition }) => composition === text))
  .map(composedMethodId);
const drawn = ({ dash, marker }: MethodStyle) => `${dash.join(' ')} ${marker}`;
const distinct = (values: readonly string[]) => new Set(values).size === values.length;

describe('a figure of many composed methods', () => {
  const everything = [...builtIn, ...composed];
  const looks = [...methodStyles(everything).values()];

  it('shows all that can be composed at once, each in a colour and in a dash and marker of its own', () => {
    expect(composed).toHaveLength(23);
    expect(looks).toHaveLength(39);
    expect(distinct(looks.map(({ light }) => light))).toBe(true);
    expect(distinct(looks.map(({ dark }) => dark))).toBe(true);
    expect(distinct(looks.map(drawn))).toBe(true);
  });

  it.each(['light', 'dark'] as const)('in colours that stand out and apart, %s', (scheme) => {
    for (const id of composed) {
      expect(contrast(methodStyle(id)[scheme], chartGround[scheme])).toBeGreaterThanOrEqual(3);
    }
    const colours = looks.map((look) => oklab(linear(look[scheme])));
    colours.forEach((a, i) => {
      colours.slice(0, i).forEach((b) => expect(distance(a, b)).toBeGreaterThan(4.5));
    });
  });

  it('shows a method as it does in every other figure', () => {
    for (const id of everything) {
      expect(methodStyle(id)).toBe(methodStyles(everything).get(id));
      expect(methodStyle(id, ['a-foreign-one', 'random', id])).toBe(methodStyle(id));
    }
  });

  it('never gives two of it one look, whatever methods a study brought from elsewhere', () => {
    const id = fc.oneof(fc.constantFrom(...everything), fc.string({ minLength: 1, maxLength: 12 }));
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 40 }), (ids) => {
        const found = methodStyles(ids);
        expect(found.size).toBe(ids.length);
        const all = ids.map((method) => found.get(method) as MethodStyle);
        for (const scheme of ['light', 'dark'] as const) {
          expect(distinct(all.map((look) => `${look[scheme]} ${drawn(look)}`))).toBe(true);
          // A scatter has no dashes.
          expect(distinct(all.map((look) => `${look[scheme]} ${look.marker}`))).toBe(true);
        }
        const backwards = methodStyles([...ids].reverse());
        for (const method of ids) expect(backwards.get(method)).toBe(found.get(method));
      }),
    );
  });

  it('keeps colours apart for as many foreign methods as there are colours', () => {
    const foreign = Array.from({ length: 24 }, (_, i) => `method-${i}`);
    const all = [...methodStyles([...foreign, 'random']).values()];
    expect(distinct(all.map(({ light }) => light))).toBe(true);
    const many = Array.from({ length: 300 }, (_, i) => `method-${i}`);
    expect(new Set(methodStyles(many).values()).size).toBe(300);
  });
});
