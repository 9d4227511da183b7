import { describe, expect, it } from 'vitest';
import {
  keepAndRetrainMetric,
  paperMetric,
  retrainMetric,
} from '../../src/shared/catalogue/metrics';
import { captionOf } from '../../src/renderer/charts/figure-caption';
import {
  nearestLevel,
  type PanelInput,
  roarPanel,
  shownCurves,
  valuesAt,
} from '../../src/renderer/charts/roar-panel';
import { type ChartLook } from '../../src/renderer/charts/use-chart-look';
import { hasIntervals, labelledLevels, levelRange } from '../../src/shared/charts/curve-panel';
import { inPanel } from '../../src/shared/charts/panels';
import { seriesMarks } from '../../src/shared/charts/series-key';
import { builtInMethods, type Method } from '../../src/shared/catalogue/methods';
import { methodStyle } from '../../src/shared/catalogue/palette';
import { curveRecord } from './records';

const look = (scheme: 'light' | 'dark'): ChartLook => ({
  theme: {
    ink: '#111111',
    muted: '#222222',
    grid: '#333333',
    ground: '#ffffff',
    axis: '#444444',
    colour: (_, style) => style[scheme],
  },
  family: 'sans-serif',
});
const composed: Method = {
  id: 'composed-integrate-smooth-guided',
  name: 'Mine',
  composition: 'integrate(smooth(guided))',
  group: 'composed',
  equations: '',
};
const curves = [...builtInMethods, composed].map((method, i) =>
  curveRecord(method, [0, 0.3, 0.9], (level) => 1 - level * (0.5 + i / 30)),
);
const input = (changes: Partial<PanelInput> = {}): PanelInput => ({
  curves,
  among: curves.map(({ method }) => method.id),
  side: 'individual',
  levels: [0, 0.3, 0.9],
  metric: paperMetric,
  hidden: new Set(),
  bands: true,
  look: look('light'),
  highlighted: null,
  ...changes,
});

interface Drawn {
  readonly type?: string;
  readonly id?: string;
  readonly data?: readonly unknown[];
  readonly lineStyle?: {
    readonly color?: string;
    readonly opacity?: number;
    readonly type?: unknown;
  };
  readonly symbol?: string;
}
const drawn = (changes: Partial<PanelInput> = {}): readonly Drawn[] => {
  const { series } = roarPanel(input(changes));
  return (Array.isArray(series) ? series : []) as readonly Drawn[];
};
const lines = (changes?: Partial<PanelInput>) =>
  drawn(changes).filter(({ type }) => type === 'line');
const methodOf = ({ id = '' }: Drawn) => seriesMarks(id).method;

describe('the two panels', () => {
  it('hold individual methods left, combinations and composed ones right, random in both', () => {
    const ids = (side: 'individual' | 'combination') =>
      shownCurves(input({ side })).map(({ method }) => method.id);
    expect(ids('individual')).toEqual([
      'vanilla-gradient',
      'grad-x-input',
      'smoothgrad',
      'integrated-gradients',
      'guided-backprop',
      'vargrad',
      'smoothgrad-squared',
      'grad-cam',
      'occlusion',
      'rise',
      'random',
      'sobel',
    ]);
    expect(ids('combination')).toEqual([
      'smoothed-integrated-gradients',
      'smoothed-guided-backprop',
      'integrated-smoothgrad',
      'integrated-guided-backprop',
      'random',
      'composed-integrate-smooth-guided',
    ]);
    expect(inPanel(composed, 'individual')).toBe(false);
  });

  it('leave out what the legend hides, and the bands on request', () => {
    const hidden = new Set(['smoothgrad', 'random']);
    expect(lines({ hidden }).map(methodOf)).not.toContain('smoothgrad');
    expect(lines({ hidden })).toHaveLength(10);
    expect(drawn()).toHaveLength(24);
    expect(drawn({ bands: false })).toHaveLength(12);
    expect(drawn({ bands: false }).every(({ type }) => type === 'line')).toBe(true);
  });

  it('have no bands where there are no intervals', () => {
    const without = curves.map((curve) => ({
      ...curve,
      points: curve.points.map((point) => ({ ...point, low: null, high: null })),
    }));
    expect(drawn({ curves: without }).every(({ type }) => type === 'line')).toBe(true);
    expect(hasIntervals(curves)).toBe(true);
    expect(hasIntervals(without)).toBe(false);
    expect(captionOf(paperMetric, true)).toContain('Bands');
    expect(captionOf(paperMetric, false)).not.toContain('Bands');
    expect(valuesAt(shownCurves(input({ curves: without })), 0.9)[0]?.low).toBeNull();
  });

  it('draw the means at their levels, in the palette of the theme', () => {
    const vanilla = (changes?: Partial<PanelInput>) =>
      lines(changes).find((line) => methodOf(line) === 'vanilla-gradient');
    const first = vanilla();
    expect(first?.data).toEqual([
      [0, 1],
      [0.3, 1 - 0.3 * 0.5],
      [0.9, 1 - 0.9 * 0.5],
    ]);
    expect(first?.lineStyle?.color).toBe(methodStyle('vanilla-gradient').light);
    expect(vanilla({ look: look('dark') })?.lineStyle?.color).toBe(
      methodStyle('vanilla-gradient').dark,
    );
  });

  it('draw composed methods in looks of their own, beside foreign ones too', () => {
    const looks = [
      'composed-integrate-smooth-guided',
      'composed-smooth-integrate-guided',
      'mine',
      'ours',
    ];
    const many = looks.map((id) =>
      curveRecord({ ...composed, id, name: id }, [0, 0.3], (level) => 1 - level),
    );
    const among = [...looks, ...curves.map(({ method }) => method.id)];
    const shown = lines({ curves: many, side: 'combination', among });
    expect(shown).toHaveLength(4);
    expect(new Set(shown.map(({ lineStyle }) => lineStyle?.color)).size).toBe(4);
    const drawnAs = ({ lineStyle, symbol }: Drawn) => `${String(lineStyle?.type)} ${symbol ?? ''}`;
    expect(new Set(shown.map(drawnAs)).size).toBe(4);
  });

  it('let the others step back for the highlighted one', () => {
    const shown = lines({ highlighted: 'smoothgrad' });
    const opacity = (id: string) => shown.find((line) => methodOf(line) === id)?.lineStyle?.opacity;
    expect(opacity('smoothgrad')).toBe(1);
    expect(opacity('random')).toBeLessThan(0.3);
  });
});

describe('the axes', () => {
  it('say what the protocol measures', () => {
    expect(roarPanel(input()).yAxis).toMatchObject({ name: 'Mean softmax score' });
    expect(roarPanel(input({ metric: retrainMetric })).yAxis).toMatchObject({
      name: 'Validation accuracy',
    });
  });

  it('run from 0 to 1 and over all levels of the run, scored or not', () => {
    const option = roarPanel(input({ levels: [0, 0.5, 0.9], curves: [] }));
    expect(option.yAxis).toMatchObject({ axisLabel: { customValues: [0, 0.2, 0.4, 0.6, 0.8, 1] } });
    expect(option.xAxis).toMatchObject({ axisLabel: { customValues: [0, 0.5, 0.9] } });
  });

  it('leave room for whole markers at both ends', () => {
    for (const levels of [[0, 0.9], [0.1, 0.3], [0.5], []]) {
      const { min, max } = levelRange(levels);
      const [first, last] = levels.length > 0 ? [Math.min(...levels), Math.max(...levels)] : [0, 1];
      expect(min).toBeLessThan(first);
      expect(max).toBeGreaterThan(last);
      expect(max - last).toBeLessThan(levels.length === 1 ? 1.1 : 0.05);
    }
  });

  it('label as many levels as fit', () => {
    expect(labelledLevels([0, 0.3, 0.9])).toEqual([0, 0.3, 0.9]);
    const many = Array.from({ length: 30 }, (_, i) => i / 30);
    expect(labelledLevels(many)).toEqual(many.filter((_, i) => i % 3 === 0));
  });
});

describe('reading values', () => {
  const shown = shownCurves(input());

  it('finds the scored level next to the pointer', () => {
    expect(nearestLevel(shown, 0.12)).toBe(0);
    expect(nearestLevel(shown, 0.2)).toBe(0.3);
    expect(nearestLevel(shown, 2)).toBe(0.9);
    expect(nearestLevel([], 0.5)).toBeNull();
  });

  it('lists the shown methods of a level, lowest first', () => {
    const values = valuesAt(shown, 0.9);
    const means = values.map(({ mean }) => mean);
    expect(means).toEqual([...means].sort((a, b) => a - b));
    expect(values[0]?.method.id).toBe('sobel');
    expect(values[0]?.low).toBeLessThan(values[0]?.mean ?? 0);
    expect(valuesAt(shown, 0.4)).toEqual([]);
    // Where a good method keeps accuracy up, the highest comes first.
    const { better } = keepAndRetrainMetric;
    expect(valuesAt(shown, 0.9, better).at(-1)?.method.id).toBe('sobel');
  });
});
