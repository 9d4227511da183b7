import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { reportHtml } from '../../../../../src/main/core/evaluation/report/html';
import {
  type FigureOptions,
  figuresSvg,
  figureSvg,
  scoreTitle,
} from '../../../../../src/main/core/export/figure/figure';
import { openFont } from '../../../../../src/main/core/export/figure/font';
import { pngOf } from '../../../../../src/main/core/export/figure/png';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';
import {
  builtInMethods,
  composedMethodId,
  type Method,
} from '../../../../../src/shared/catalogue/methods';
import { figureWidth } from '../../../../../src/shared/charts/curve-figure';
import { levelTitle } from '../../../../../src/shared/charts/curve-panel';
import { panelCurves, panels } from '../../../../../src/shared/charts/panels';
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

/** A label's middle is that of its capitals, which are 1,490 of 2,048 units tall. */
const middle = ({ y, size }: Text) => y - (size * 1490) / 2048 / 2;

/** The elements of a part of a panel. */
function partOf(svg: string, part: string, panel: string, method: string): string {
  const group = `<g data-panel="${panel}" data-method="${method}" data-part="${part}">`;
  return new RegExp(`${group}\\n([^]*?)\\n</g>`).exec(svg)?.[1] ?? '';
}

const pairs = (list = '') =>
  [...list.matchAll(/(-?[\d.]+)[ ,](-?[\d.]+)/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));

interface Text {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly anchor: string;
  readonly words: string;
}

function textsOf(svg: string): Text[] {
  return [
    ...svg.matchAll(
      /<text x="([-\d.]+)" y="([-\d.]+)" font-size="(\d+)" font-weight="\d+"(?: text-anchor="(\w+)")?[^>]*>([^<]*)</g,
    ),
  ].map(([, x, y, size, anchor = 'start', words = '']) => ({
    ...{ x: Number(x), y: Number(y), size: Number(size), anchor, words },
  }));
}

function textAt(texts: readonly Text[], words: string, anchor: string, nth = 0): Text {
  const found = texts.filter((text) => text.words === words && text.anchor === anchor)[nth];
  if (!found) throw new Error(`the figure has no ${words}`);
  return found;
}

let svg = '';
beforeAll(async () => {
  svg = await figureSvg(curves, options);
});

describe('figure as SVG', () => {
  it('is well-formed XML that renders', async () => {
    const metadata = await sharp(Buffer.from(svg)).metadata();
    expect(metadata.width).toBe(figureWidth);
    const strange = [...curves, ...sampleReport({}, [composed, ...builtInMethods]).result.curves];
    const named = await figureSvg(strange.slice(0, curves.length + 1), options);
    expect(named).toContain('Mine &lt;1&gt; &amp; &quot;2&quot;');
    await expect(sharp(Buffer.from(named)).metadata()).resolves.toMatchObject({ format: 'svg' });
    await expect(
      sharp(Buffer.from(svg.replace('&amp;', '&'))).metadata(),
      'the parser is strict',
    ).rejects.toThrow();
  });

  it('writes long names of its legend whole, above the notes', async () => {
    const name = `平滑的积分梯度显著图方法之一 ${'x'.repeat(60)}`;
    const long = curves.map((curve) => ({ ...curve, method: { ...curve.method, name } }));
    const texts = textsOf(await figureSvg(long, options));
    const start = Math.max(...texts.filter(({ words }) => words === levelTitle).map(({ y }) => y));
    const below = texts.filter(({ y }) => y > start);
    const note = below.find(({ words }) => words === 'A note.');
    const names = below.filter((text) => text !== note);
    const left = names.filter(({ x }) => x < figureWidth / 2);
    expect(left.map(({ words }) => words).join('')).toBe(
      name.replace(' ', '').repeat(panelCurves(long, 'individual').length),
    );
    expect(new Set(left.map(({ y }) => y)).size).toBe(left.length);
    expect(Math.max(...names.map(({ y }) => y))).toBeLessThan(note?.y ?? 0);
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
        'vargrad',
        'smoothgrad-squared',
        'grad-cam',
        'occlusion',
        'rise',
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

  it('draws composed methods in looks of their own, in curve, legend and page', async () => {
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
    const many = await figureSvg(report.result.curves, options);
    const looks = mine.map(({ id }) => {
      const curve = partOf(many, 'curve', 'combination', id);
      const [, stroke] = / stroke="([^"]+)"/.exec(curve) ?? [];
      const [, dash] = /stroke-dasharray="([^"]+)"/.exec(curve) ?? [];
      const [, marker] = /<path d="([^"]+)" transform/.exec(curve) ?? [];
      // The curve's line and the legend's.
      const line = new RegExp(
        `stroke="${stroke}" stroke-width="1.8" stroke-dasharray="${dash}"`,
        'g',
      );
      expect(many.match(line)).toHaveLength(2);
      return { stroke, dash, marker };
    });
    expect(new Set(looks.map(({ stroke }) => stroke)).size).toBe(mine.length);
    expect(new Set(looks.map(({ dash, marker }) => `${dash} ${marker}`)).size).toBe(mine.length);
    const page = await reportHtml(report, options);
    for (const { id } of mine) {
      expect(page).toContain(`style="stroke:var(--method-${id})"`);
      expect(page.split(`--method-${id}:#`)).toHaveLength(3);
    }
  });

  it.each(panels.map(({ id }, i) => [id, i] as const))(
    'draws every mean of the %s panel where its value belongs',
    (id, i) => {
      const texts = textsOf(svg);
      const [low, high] = ['0.0', '1.0'].map((score) => middle(textAt(texts, score, 'end', i)));
      const [first, last] = ['0.0', '0.9'].map((level) => textAt(texts, level, 'middle', i).x);
      for (const { method, points } of panelCurves(curves, id)) {
        const [, d] = / d="(M[^"]+)"/.exec(partOf(svg, 'curve', id, method.id)) ?? [];
        const places = pairs(d);
        expect(places).toHaveLength(10);
        points.forEach(({ level, mean }, at) => {
          const { x = Number.NaN, y = Number.NaN } = places[at] ?? {};
          expect((0.9 * (x - Number(first))) / (Number(last) - Number(first))).toBeCloseTo(
            level,
            4,
          );
          expect((Number(low) - y) / (Number(low) - Number(high))).toBeCloseTo(mean, 3);
        });
      }
    },
  );

  it('keeps markers at the ends of its axes whole, within the frame', () => {
    for (const { id } of panels) {
      const places = panelCurves(curves, id).flatMap(({ method }) =>
        pairs(/ d="(M[^"]+)"/.exec(partOf(svg, 'curve', id, method.id))?.[1]),
      );
      const axes = [
        ...svg.matchAll(/<path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)" [^>]*stroke="#595959"/g),
      ]
        .map((found) => found.slice(1).map(Number))
        .filter(([x1, , x2]) => Math.abs(Number(x1) - Number(x2)) > 100);
      const [from, , to] = axes[id === 'individual' ? 0 : 1] ?? [];
      expect(Math.min(...places.map(({ x }) => x)) - 6).toBeGreaterThan(Number(from));
      expect(Math.max(...places.map(({ x }) => x)) + 6).toBeLessThan(Number(to));
    }
  });

  it('spans a band from the low to the high bound of the interval', () => {
    const texts = textsOf(svg);
    const [zero, one] = ['0.0', '1.0'].map((score) => middle(textAt(texts, score, 'end')));
    const last = curves.find(({ method }) => method.id === 'smoothgrad')?.points.at(-1);
    const band = partOf(svg, 'band', 'individual', 'smoothgrad');
    const ends = pairs(/points="([^"]+)"/.exec(band)?.[1]).map(
      ({ y }) => (Number(zero) - y) / (Number(zero) - Number(one)),
    );
    expect(ends).toHaveLength(20);
    expect(ends[9]).toBeCloseTo(last?.high ?? 0, 3);
    expect(ends[10]).toBeCloseTo(last?.low ?? 0, 3);
  });

  it('cuts a band off at the frame, and nothing else', async () => {
    expect(svg).not.toContain('clip');
    const wide = curves.map((curve) =>
      curve.method.id === 'smoothgrad'
        ? { ...curve, points: curve.points.map((point) => ({ ...point, high: point.mean + 0.3 })) }
        : curve,
    );
    const drawn = await figureSvg(wide, options);
    expect(drawn.match(/clip-path="url\(#chart-c0\)"/g)).toHaveLength(1);
    expect(drawn.match(/<clipPath id="chart-c0">/g)).toHaveLength(1);
    expect(partOf(drawn, 'band', 'individual', 'smoothgrad')).toContain('clip-path');
    expect(await figureSvg(wide, options)).toBe(drawn);
  });

  it('names axes and methods as the paper does', () => {
    const texts = textsOf(svg).map(({ words }) => words);
    expect(texts.filter((words) => words === levelTitle)).toHaveLength(2);
    expect(texts).toContain(scoreTitle);
    expect(texts).toContain('Individual methods');
    expect(texts).toContain('Integrated Guided Backprop*');
    expect(texts.filter((words) => words === 'Random')).toHaveLength(2);
    for (const level of ['0.0', '0.5', '0.9']) expect(texts).toContain(level);
  });

  it('carries its font when asked, and refers to nothing outside', async () => {
    const whole = await figureSvg(curves, { ...options, embedFont: true });
    expect(whole).toContain('@font-face');
    expect(whole.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href/);
    expect(svg).not.toContain('@font-face');
  });

  it('keeps every name inside its panel, however long', async () => {
    const long = {
      ...composed,
      name: 'A very long name of a composed method that goes on and on, it really does',
    };
    const wide = await figureSvg(
      sampleReport({ images: 10 }, [long, ...builtInMethods]).result.curves,
      options,
    );
    for (const { x, size, words } of textsOf(wide).filter(({ anchor }) => anchor === 'start')) {
      expect(x + font.width(words, size, 400)).toBeLessThan(figureWidth);
    }
  });

  it('breaks a note that is wider than the figure', async () => {
    const note = `A check: ${Array.from({ length: 12 }, (_, i) => `${i} of 10,000 images`).join(', ')}.`;
    const drawn = await figureSvg(curves, { ...options, notes: [note, 'Another.'] });
    const lines = textsOf(drawn).filter(({ size }) => size === 11);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.at(-1)?.words).toBe('Another.');
    expect(lines.map(({ words }) => words).join(' ')).toBe(`${note} Another.`);
    for (const { x, words } of lines) {
      expect(x + font.width(words, 11, 400)).toBeLessThan(figureWidth);
    }
    const height = Number(/height="([\d.]+)"/.exec(drawn)?.[1]);
    expect(lines.at(-1)?.y).toBeLessThan(height);
  });

  it('two levels and one panel’s methods alone are enough', async () => {
    const few = sampleReport(
      { images: 5, levels: [0, 0.9] },
      builtInMethods.filter(({ id }) => id === 'smoothgrad' || id === 'random'),
    );
    const small = await figureSvg(few.result.curves, options);
    await expect(sharp(Buffer.from(small)).metadata()).resolves.toMatchObject({ format: 'svg' });
    expect(small).not.toMatch(/NaN|Infinity/);
  });
});

describe('figure as PNG', () => {
  it('is three times as large, on white, with curves and text in it', async () => {
    const png = await pngOf(await figureSvg(curves, { ...options, text: 'paths' }));
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
    expect(ink(64, 36, 430, 320)).toBeGreaterThan(0.01);
    expect(ink(64, 390, 110, 8)).toBe(0);
    expect((await sharp(png).metadata()).density).toBe(300);
  });

  it('is the same bytes each time and needs no font of the machine', async () => {
    const drawn = async () => pngOf(await figureSvg(curves, { ...options, text: 'paths' }));
    const [one, two] = await Promise.all([drawn(), drawn()]);
    expect(Buffer.compare(one, two)).toBe(0);
    expect(await figureSvg(curves, { ...options, text: 'paths' })).not.toContain('<text');
  });
});

describe('equal curves', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  it('give equal bytes, whatever was drawn before', async () => {
    const block = { heading: 'Fig. 2: MNIST', caption: 'A caption.', curves };
    const other = sampleReport({ images: 3, levels: [0, 0.5] }).result.curves;
    await figureSvg(other, { ...options, text: 'paths' });
    const together = await figuresSvg([block, block], options);
    await figuresSvg([block, { ...block, curves: other }, block], options);
    expect(await figureSvg(curves, options)).toBe(svg);
    expect(await figuresSvg([block, block], options)).toBe(together);
  });

  it('give equal bytes in another process', () => {
    const sample = resolve('test/main/core/export/figure/print-figure.ts');
    const script = `import { runnerImport } from 'vite'; await runnerImport(${JSON.stringify(sample)});`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    expect(stdout, stderr).toMatch(/^<svg/);
    expect(sha256(stdout)).toBe(sha256(svg));
  });
});
