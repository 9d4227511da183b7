import fc from 'fast-check';
import { paperMetric } from '../../../../../src/shared/catalogue/metrics';
import { describe, expect, it } from 'vitest';
import { unguarded } from '../../../../../src/main/core/export/csv/guard';
import { readOwnCsv } from '../../../../../src/main/core/export/csv/own';
import { readTable } from '../../../../../src/main/core/export/csv/table';
import {
  csv,
  curvesCsv,
  modelsCsv,
  scoresCsv,
  shortestFloat32,
} from '../../../../../src/main/core/export/text/csv';
import { coordinate } from '../../../../../src/main/core/export/text/coordinate';
import { fixed } from '../../../../../src/shared/format/numbers';
import { builtInMethods } from '../../../../../src/shared/catalogue/methods';
import { summariseCurves } from '../../../../../src/statistics/curves';
import { sampleReport } from '../../evaluation/report/sample-run';

describe('csv', () => {
  it('quotes commas, quotes and line breaks, and ends lines with LF', () => {
    expect(
      csv(
        ['a', 'b'],
        [
          ['x,y', 'say "no"'],
          ['two\nlines', null],
          [1.5, -0.1],
        ],
      ),
    ).toBe('a,b\n"x,y","say ""no"""\n"two\nlines",\n1.5,-0.1\n');
  });

  it('keeps a spreadsheet from running texts, and leaves numbers alone', () => {
    const texts = ['=1+1', '+1', '-1', '@A1', '\ta', '\ra', "'=1", "''-1", "'a", 'a=1', ' =1', '-'];
    expect(csv(['=a'], [texts]).split('\n')).toEqual([
      "'=a",
      `'=1+1,'+1,'-1,'@A1,'\ta,"'\ra",''=1,'''-1,'a,a=1, =1,'-`,
      '',
    ]);
    expect(csv(['a', 'b', 'c'], [[-1.5, 1e-7, null]])).toBe('a,b,c\n-1.5,1e-7,\n');
    // A text that looks like a number with a fraction says by its quotes that it is none.
    expect(csv(['a', 'b'], [['4.0', 4]])).toBe('a,b\n"4.0",4\n');
  });

  it('comes back from the reader of archives and from the import, whatever the text', () => {
    const start = fc.constantFrom('', "'", "''", '=', '+', '-', '@', "'=", "''@", '4.0', '-1');
    const text = fc
      .tuple(start, fc.string({ unit: 'grapheme', maxLength: 6 }))
      .map((parts) => parts.join(''))
      .filter((value) => !/[\r\n\ufeff]/.test(value));
    const columns = { known: ['a', 'b'], required: ['a', 'b'], numbers: [], codes: ['a', 'b'] };
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 5 }), (rows) => {
        const written = csv(['a', 'b'], rows);
        const own = readOwnCsv(written, columns).map(({ cells }) => [...cells.values()]);
        expect(own.map((cells) => cells.map(unguarded))).toEqual(rows);
        const full = rows.filter((cells) => cells.some((cell) => cell.trim() !== ''));
        const read = readTable(written, columns).rows.map(({ cells }) => [...cells.values()]);
        expect(read).toEqual(full);
      }),
      { numRuns: 500 },
    );
  });

  it('float32 in the fewest digits that read back the same', () => {
    expect(shortestFloat32(Math.fround(0.1))).toBe('0.1');
    expect(shortestFloat32(Math.fround(0.99999994))).toBe('0.99999994');
    expect(shortestFloat32(1)).toBe('1');
    expect(shortestFloat32(0)).toBe('0');
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = shortestFloat32(value);
        expect(Math.fround(Number(text))).toBe(Object.is(value, -0) ? 0 : value);
        const digits = text.replace(/e.*/, '').replace(/[-.]/g, '').replace(/^0+/, '');
        expect(digits.replace(/0+$/, '').length).toBeLessThanOrEqual(9);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('tables of a run', () => {
  const methods = builtInMethods.filter(({ id }) => id === 'smoothgrad' || id === 'random');
  const scores = {
    methods,
    levels: [0, 0.5],
    scores: Float32Array.from([1, 0.5, 0.25, 0.1, 1, 0.5, 0.75, 0.3]),
    tied: Float32Array.from([0, 0, 0.5, 0.25, 0, 0, 0, 0]),
  };
  const curves = summariseCurves({ ...scores, randomIndex: 1, seed: 0, resamples: 100 });

  it('scores.csv, byte for byte', () => {
    expect(scoresCsv(scores, [12, 7], paperMetric)).toBe(
      [
        'method,level,image,score',
        'smoothgrad,0,12,1',
        'smoothgrad,0,7,0.5',
        'smoothgrad,0.5,12,0.25',
        'smoothgrad,0.5,7,0.1',
        'random,0,12,1',
        'random,0,7,0.5',
        'random,0.5,12,0.75',
        'random,0.5,7,0.3',
        '',
      ].join('\n'),
    );
    expect(() => scoresCsv(scores, [12], paperMetric)).toThrow(RangeError);
  });

  it('hold no value that is not finite, and say which it would be', () => {
    const broken = { ...scores, scores: scores.scores.with(6, NaN) };
    expect(() => scoresCsv(broken, [12, 7], paperMetric)).toThrow(
      'the score of random at level 0.5 for image 12 is NaN',
    );
    expect(() => csv(['level', 'mean'], [[0, Infinity]])).toThrow('mean is Infinity');
    for (const write of [fixed, coordinate]) expect(() => write(NaN)).toThrow(RangeError);
    expect([coordinate(1 / 3), fixed(-0.0001)]).toEqual(['0.33', '0.000']);
  });

  it('curves.csv', () => {
    const lines = curvesCsv(curves, paperMetric).split('\n');
    expect(lines[0]).toBe('method,level,mean,low,high,n,tied');
    expect(lines[1]).toBe('smoothgrad,0,0.75,0.5,1,2,0');
    expect(lines[2]).toMatch(/^smoothgrad,0\.5,0\.1750\d*,0\.1000\d*,0\.25,2,0\.375$/);
    expect(lines).toHaveLength(6);
  });

  it('curves.csv leaves the ends of intervals empty where there is one image', () => {
    const one = {
      ...scores,
      scores: Float32Array.from([1, 0.25, 1, 0.75]),
      tied: Float32Array.from([0, 0.5, 0, 0]),
    };
    const single = summariseCurves({ ...one, randomIndex: 1, seed: 0, resamples: 100 });
    expect(curvesCsv(single, paperMetric)).toBe(
      [
        'method,level,mean,low,high,n,tied',
        'smoothgrad,0,1,,,1,0',
        'smoothgrad,0.5,0.25,,,1,0.5',
        'random,0,1,,,1,0',
        'random,0.5,0.75,,,1,0',
        '',
      ].join('\n'),
    );
  });

  it('models.csv', () => {
    const { levels } = sampleReport({ images: 20 }).result;
    const [first] = levels;
    if (!first) throw new Error('no level');
    expect(modelsCsv([first, { ...first, level: 0.1, validationAccuracy: null }])).toBe(
      'level,epochs,validation_accuracy,seconds\n0,5,0.99,61.5\n0.1,5,,61.5\n',
    );
  });
});
