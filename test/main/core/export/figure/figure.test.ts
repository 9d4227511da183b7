import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../../../../src/main/core/evaluation/report/html';
import {
  axisTitles,
  type FigureOptions,
  figureSvg,
} from '../../../../../src/main/core/export/figure/figure';
import { openFont } from '../../../../../src/main/core/export/figure/font';
import {
  figurePanels,
  figureWidth,
  plotBottom,
  plotTop,
  plotWidth,
  yOf,
} from '../../../../../src/main/core/export/figure/geometry';
import { figurePng } from '../../../../../src/main/core/export/figure/png';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';
import {
  builtInMethods,
  composedMethodId,
  type Method,
} from '../../../../../src/shared/catalogue/methods';
import { sampleReport } from '../../evaluation/report/sample-run';

const font = openFont(installedFiles().fonts);
const options: FigureOptions = { title: 'A title & more', notes: ['A note.'], font };
const { curves } = sampleReport({ images: 30 }).result;
const composed: Method = {
  id: 'composed-integrate-smooth-guided',
  name: 'Mine <1> & "2"',
  composition: 'integrate(smooth(guided))',
  group: 'composed',
  equations: '',
};

/** Path data of a method's line in a panel. */
function lineOf(svg: string, panel: string, method: string): string | undefined {
  return new RegExp(
    `data-panel="${panel}" data-method="${method}" data-part="curve"><path class="line" d="([^"]+)"`,
  ).exec(svg)?.[1];
}

describe('figure as SVG', () => {
  const svg = figureSvg(curves, options);

  it('is well-formed XML that renders', async () => {
    const metadata = await sharp(Buffer.from(svg)).metadata();
    expect(metadata.width).toBe(figureWidth);
    const strange = [...curves, ...sampleReport({}, [composed, ...builtInMethods]).result.curves];
    const named = figureSvg(strange.slice(0, 11), options);
    expect(named).toContain('Mine &lt;1&gt; &amp; &quot;2&quot;');
    await expect(sharp(Buffer.from(named)).metadata()).resolves.toMatchObject({ format: 'svg' });
    await expect(
      sharp(Buffer.from(svg.replace('&amp;', '&'))).metadata(),
      'the parser is strict',
    ).rejects.toThrow();
  });

  it('writes long names of its legend whole, above the notes', () => {
    const name = `平滑的积分梯度显著图方法之一 ${'x'.repeat(60)}`;
    const long = curves.map((curve) => ({ ...curve, method: { ...curve.method, name } }));
    const texts = [
      ...figureSvg(long, options).matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)</g),
    ].map(([, x, y, words]) => ({ x: Number(x), y: Number(y), words: words ?? '' }));
    const below = texts.filter(({ y }) => y > plotBottom + 50);
    const note = below.pop();
    expect(note?.words).toBe('A note.');
    const [first] = figurePanels(long);
    const own = below.filter(({ x }) => x < first.left + plotWidth);
    expect(own.map(({ words }) => words).join('')).toBe(
      name.replace(' ', '').repeat(first.curves.length),
    );
    expect(new Set(own.map(({ y }) => y)).size).toBe(own.length);
    expect(Math.max(...below.map(({ y }) => y))).toBeLessThan(note?.y ?? 0);
  });

  it('has individual methods left, combinations right and the random map in both', () => {
    const shown = (panel: string) =>
      [
        ...svg.matchAll(
          new RegExp(`data-panel="${panel}" data-method="([^"]+)" data-part="curve"`, 'g'),
        ),
      ].map(([, id]) => id);
    expect(shown('individual').sort()).toEqual(
      [
        'grad-x-input',
        'guided-backprop',
        'integrated-gradients',
        'random',
        'smoothgrad',
        'vanilla-gradient',
      ].sort(),
    );
    expect(shown('combination').sort()).toEqual(
      [
        'integrated-guided-backprop',
        'integrated-smoothgrad',
        'random',
        'smoothed-guided-backprop',
        'smoothed-integrated-gradients',
      ].sort(),
    );
  });

  it('draws composed methods in looks of their own, in curve, legend and page', () => {
    const mine = [
      'integrate(smooth(guided))',
      'smooth(integrate(guided))',
      'times-input(guided)',
    ].map((composition): Method => ({
      id: composedMethodId(composition),
      name: composition,
      composition,
      group: 'composed',
      equations: '',
    }));
    const report = sampleReport({ images: 3 }, [...mine, ...builtInMethods]);
    const many = figureSvg(report.result.curves, options);
    const looks = mine.map(({ id }) => {
      const curve = new RegExp(`data-method="${id}" data-part="curve">(.*)`).exec(many)?.[1] ?? '';
      const [, stroke] = /class="line"[^>]* stroke="([^"]+)"/.exec(curve) ?? [];
      const [, dash] = /stroke-dasharray="([^"]+)"/.exec(curve) ?? [];
      const [, marker] = /<path d="([^"]+)" transform/.exec(curve) ?? [];
      const drawnAlike = `stroke="${stroke ?? ''}" stroke-width="1.8" stroke-linejoin="round" stroke-dasharray="${dash ?? ''}"`;
      // The curve's line and the legend's.
      expect(many.split(drawnAlike)).toHaveLength(3);
      return { stroke, dash, marker };
    });
    expect(new Set(looks.map(({ stroke }) => stroke)).size).toBe(mine.length);
    expect(new Set(looks.map(({ dash, marker }) => `${dash} ${marker}`)).size).toBe(mine.length);
    const page = reportHtml(report, options);
    for (const { id } of mine) {
      expect(page).toContain(`style="stroke:var(--method-${id})"`);
      expect(page.split(`--method-${id}:#`)).toHaveLength(3);
    }
  });

  it('draws every mean where its value belongs', () => {
    for (const panel of figurePanels(curves)) {
      for (const curve of panel.curves) {
        const d = lineOf(svg, panel.id, curve.method.id) ?? '';
        const places = d
          .slice(1)
          .split('L')
          .map((pair) => pair.split(' ').map(Number));
        expect(places).toHaveLength(10);
        curve.points.forEach((point, index) => {
          expect(places[index]?.[0]).toBeCloseTo(panel.x(point.level), 1);
          // 0 at the frame's foot, 1 just under its top, straight in between.
          const share = (plotBottom - (places[index]?.[1] ?? 0)) / (plotBottom - yOf(1));
          expect(share).toBeCloseTo(point.mean, 3);
        });
      }
    }
    expect(yOf(0)).toBe(plotBottom);
    expect(yOf(1)).toBeGreaterThan(plotTop);
  });

  it('spans a band from the low to the high bound of the interval', () => {
    const [panel] = figurePanels(curves);
    const curve = panel.curves.find(({ method }) => method.id === 'smoothgrad');
    const d = /data-method="smoothgrad" data-part="band"><path class="band" d="M([^Z]+)Z"/.exec(
      svg,
    )?.[1];
    const places = (d ?? '').split('L').map((pair) => Number(pair.split(' ')[1]));
    const last = curve?.points.at(-1);
    expect(places).toHaveLength(20);
    expect(places[9]).toBeCloseTo(yOf(last?.high ?? 0), 1);
    expect(places[10]).toBeCloseTo(yOf(last?.low ?? 0), 1);
  });

  it('names axes and methods as the paper does', () => {
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, words]) => words);
    expect(texts.filter((words) => words === axisTitles.x)).toHaveLength(2);
    expect(texts).toContain(axisTitles.y);
    expect(texts).toContain('Individual methods');
    expect(texts).toContain('Integrated Guided Backprop*');
    expect(texts.filter((words) => words === 'Random')).toHaveLength(2);
    for (const level of ['0.0', '0.5', '0.9']) expect(texts).toContain(level);
  });

  it('carries its font when asked, and refers to nothing outside', () => {
    const whole = figureSvg(curves, { ...options, embedFont: true });
    expect(whole).toContain('@font-face');
    expect(whole.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href/);
    expect(svg).not.toContain('@font-face');
  });

  it('keeps every name inside its panel, however long', () => {
    const long = {
      ...composed,
      name: 'A very long name of a composed method that goes on and on, it really does',
    };
    const wide = figureSvg(
      sampleReport({ images: 10 }, [long, ...builtInMethods]).result.curves,
      options,
    );
    for (const [, x, size, words] of wide.matchAll(
      /<text x="([\d.]+)" y="[\d.]+" font-size="(\d+)" font-weight="400" text-anchor="start"[^>]*>([^<]*)</g,
    )) {
      expect(Number(x) + font.width(words ?? '', Number(size), 400)).toBeLessThan(figureWidth);
    }
  });

  it('breaks a note that is wider than the figure', () => {
    const note = `A check: ${Array.from({ length: 12 }, (_, i) => `${i} of 10,000 images`).join(', ')}.`;
    const drawn = figureSvg(curves, { ...options, notes: [note, 'Another.'] });
    const lines = [
      ...drawn.matchAll(/<text x="([\d.]+)" y="([\d.]+)" font-size="11"[^>]*>([^<]*)</g),
    ].slice(-4);
    expect(lines.at(-1)?.[3]).toBe('Another.');
    expect(lines.map(([, , , words]) => words).join(' ')).toContain(`${note} Another.`);
    for (const [, x, , words] of lines) {
      expect(Number(x) + font.width(words ?? '', 11, 400)).toBeLessThan(figureWidth);
    }
    const height = Number(/height="([\d.]+)"/.exec(drawn)?.[1]);
    expect(Number(lines.at(-1)?.[2])).toBeLessThan(height);
  });

  it('two levels and one panel’s methods alone are enough', async () => {
    const few = sampleReport(
      { images: 5, levels: [0, 0.9] },
      builtInMethods.filter(({ id }) => id === 'smoothgrad' || id === 'random'),
    );
    const small = figureSvg(few.result.curves, options);
    await expect(sharp(Buffer.from(small)).metadata()).resolves.toMatchObject({ format: 'svg' });
    expect(small).not.toMatch(/NaN|Infinity/);
  });
});

describe('figure as PNG', () => {
  it('is three times as large, on white, with curves and text in it', async () => {
    const png = await figurePng(curves, options);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.channels]).toEqual([3 * figureWidth, 3]);
    const ink = (left: number, top: number, width: number, height: number) => {
      let dark = 0;
      for (let y = 3 * top; y < 3 * (top + height); y += 1) {
        for (let x = 3 * left; x < 3 * (left + width); x += 1) {
          if ((data[(y * info.width + x) * 3] ?? 255) < 128) dark += 1;
        }
      }
      return dark / (9 * width * height);
    };
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
    // The left panel's title, the vertical axis title, the plot, the note.
    expect(ink(64, 10, 130, 18)).toBeGreaterThan(0.08);
    expect(ink(4, 100, 16, 200)).toBeGreaterThan(0.05);
    expect(ink(64, plotTop, 430, 320)).toBeGreaterThan(0.01);
    expect(ink(64, plotBottom + 30, 110, 8)).toBe(0);
    expect((await sharp(png).metadata()).density).toBe(300);
  });

  it('is the same bytes each time and needs no font of the machine', async () => {
    const [one, two] = await Promise.all([figurePng(curves, options), figurePng(curves, options)]);
    expect(Buffer.compare(one, two)).toBe(0);
    expect(figureSvg(curves, { ...options, text: 'paths' })).not.toContain('<text');
  });
});
