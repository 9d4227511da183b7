import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTable, type TableColumns } from '../../../../../src/main/core/export/csv/table';
import { delimiterCharacters, delimiters } from '../../../../../src/shared/csv-reading';

const columns: TableColumns = {
  known: ['study', 'image', 'rater', 'label', 'score', 'response_ms'],
  required: ['study', 'image', 'label'],
  numbers: ['score', 'response_ms'],
  codes: ['image', 'rater'],
};

const refused = (message: RegExp, field?: string) =>
  expect.objectContaining({
    data: expect.objectContaining({
      code: 'invalid-input',
      message: expect.stringMatching(message) as string,
      ...(field === undefined ? {} : { field }),
    }) as unknown,
  });

const read = (text: string, chosen = {}) => {
  const { rows, reading } = readTable(text, columns, chosen);
  return { rows: rows.map(({ cells }) => Object.fromEntries(cells)), reading };
};
const values = (text: string, chosen = {}) => read(text, chosen).rows;
const lines = (text: string) => readTable(text, columns).rows.map(({ line }) => line);
const decimals = (...cells: string[]) =>
  `study;image;label;response_ms\n${cells.map((cell, i) => `S;${i};Low;${cell}`).join('\n')}\n`;

describe('a table of another program', () => {
  it('is found whatever parts its cells, other separators in quoted cells and out of them', () => {
    const cell = fc
      .array(fc.constantFrom(...Object.values(delimiterCharacters), 'a', 'é', '"', ' ', '1'), {
        maxLength: 8,
      })
      .map((parts) => parts.join('').trim());
    const table = fc
      .shuffledSubarray(['rater', 'score', 'response_ms'])
      .chain((optional) =>
        fc.shuffledSubarray(['study', 'image', 'label', ...optional], {
          minLength: 3 + optional.length,
        }),
      )
      .chain((names) =>
        fc.record({
          names: fc.constant(names),
          rows: fc.array(
            fc.tuple(...names.map((name) => (name === 'study' ? fc.constant('S') : cell))),
            { maxLength: 6 },
          ),
        }),
      );
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(...delimiters),
        fc.constantFrom('\n', '\r\n', '\r'),
        ({ names, rows }, delimiter, end) => {
          const own = delimiterCharacters[delimiter];
          const write = (text: string) =>
            text.includes(own) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          const text = [names, ...rows].map((row) => row.map(write).join(own) + end).join('');
          const found = readTable(text, { ...columns, numbers: [], codes: [] });
          expect(found.reading.delimiter).toBe(delimiter);
          expect(found.columns).toEqual(names);
          expect(found.rows.map(({ cells }) => [...cells.values()])).toEqual(rows);
          expect(found.rows.map(({ line }) => line)).toEqual(rows.map((_, i) => i + 2));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('may name its separator in its first line', () => {
    const table = 'study;image;label\nS;1;Low\n';
    for (const named of ['sep=;\n', '"sep=;"\n', 'SEP=;;;\n', '\ufeffsep=;\n']) {
      const { rows, reading } = read(named + table);
      expect(rows).toEqual([{ study: 'S', image: '1', label: 'Low' }]);
      expect(reading).toMatchObject({
        delimiter: 'semicolon',
        notes: ['Line 1 names semicolons as the separator.'],
      });
      expect(lines(named + table)).toEqual([3]);
    }
    const tabbed = `sep=\t\r\n${table.replaceAll(';', '\t').replaceAll('\n', '\r\n')}`;
    expect(read(tabbed)).toMatchObject({ rows: [{ image: '1' }], reading: { delimiter: 'tab' } });
    expect(() => read(`sep=,\n${table}`)).toThrow(
      refused(/names "," as the separator, but the header has semicolons/, 'delimiter'),
    );
    expect(() => read(`sep=:\n${table}`)).toThrow(refused(/names ":"/, 'delimiter'));
    expect(read(`sep=,\n${table}`, { delimiter: 'semicolon' })).toMatchObject({
      rows: [{ image: '1' }],
      reading: { notes: [expect.stringMatching(/another separator, ",", than was chosen/)] },
    });
  });

  it('is never misread: what the header cannot tell is refused with how it was read', () => {
    const text = 'study;image;label\nS;1;Low\n';
    expect(() => read(text, { delimiter: 'comma' })).toThrow(
      refused(/unknown column "study;image;label".*read with commas/),
    );
    expect(() => read('study;image,label\nS;1,Low\n')).toThrow(
      refused(/unknown column "study;image".*read with commas/),
    );
    // A header in commas over rows in semicolons.
    expect(() => read('study,image,label\nS;1;Low\n')).toThrow(
      refused(/Line 2 has 1 cells; accepted: 3/),
    );
    expect(() => read('study,image,label\nS,1,Low,more\n')).toThrow(refused(/Line 2 has 4 cells/));
    expect(() => read('study,image,label\nS,1\n')).toThrow(refused(/Line 2 has 2 cells/));
    expect(() => read('study\nS\n')).toThrow(refused(/no column image/));
    // One column alone: nothing parts its cells, and what is in them stays.
    const one = { known: ['label'], required: ['label'], numbers: [], codes: [] };
    const single = readTable('label\n"a,b"\nc;d\ne\tf|g\n', one);
    expect(single.rows.map(({ cells }) => cells.get('label'))).toEqual(['a,b', 'c;d', 'e\tf|g']);
    expect(() => readTable('label\na,b\n', one)).toThrow(refused(/Line 2 has 2 cells/));
  });

  it('may come from an old Mac, but a lone return does not end a line elsewhere', () => {
    const { rows, reading } = read('study,image,label\rS,1,Low\rS,2,"High"\r');
    expect(rows.map(({ image, label }) => [image, label])).toEqual([
      ['1', 'Low'],
      ['2', 'High'],
    ]);
    expect(reading.notes).toEqual(['Its line ends are those of old Macs (CR).']);
    expect(() => read('study,image,label\nS,1,Lo\rw\n')).toThrow(
      refused(/Line 2 has a line break/),
    );
    expect(() => read('study,image,label\rS,"1\n2",Low\r')).toThrow(
      refused(/Line 2 has a line break/),
    );
  });

  it('may have names in another form, an index, and empty columns and rows', () => {
    expect(read('Study , IMAGE ID,Label,Response (ms)\nS,1,Low,5\n')).toEqual({
      rows: [{ study: 'S', image: '1', label: 'Low', response_ms: '5' }],
      reading: {
        ...{ delimiter: 'comma', decimal: 'point' },
        notes: [
          'Columns with other names: "Study " as study, " IMAGE ID" as image, "Label" as label, "Response (ms)" as response_ms.',
        ],
      },
    });
    expect(() => read('image,Image ID,study,label\n1,1,S,Low\n')).toThrow(
      refused(/the column image twice/),
    );
    const index = read(',Unnamed: 0,study,image,label,,\n0,7,S,1,Low,,\n5,3,S,2,Low\n,,,,,,\n');
    expect(index.rows.map(({ image }) => image)).toEqual(['1', '2']);
    expect(index.reading.notes).toEqual([
      '2 columns before the others, an index or empty, were left out.',
      '2 empty columns were left out.',
      '1 row without any cell was left out.',
    ]);
    expect(read('study,image,label\nS,1,Low,,\n').rows).toHaveLength(1);
    expect(() => read(',study,image,label\n0,S,1,Low\n0,S,2,Low\n')).toThrow(
      refused(/Line 2 has "0" in a column without a name/),
    );
    expect(() => read('study,image,label,\nS,1,Low,\nS,2,Low,good\n')).toThrow(
      refused(/Line 3 has "good" in a column without a name/),
    );
    expect(() => read('study,image,label,\nS,1,Low,1\nS,2,Low,2\n')).toThrow(
      refused(/Line 2 has "1" in a column without a name/),
    );
  });

  it('has one decimal mark, and is asked about where thousands are as likely', () => {
    const ms = (text: string, chosen = {}) => {
      const { rows, reading } = read(text, chosen);
      return [reading.decimal, rows.map(({ response_ms }) => response_ms)];
    };
    expect(ms(decimals('812,5', '1,234', '3', ''))).toEqual(['comma', ['812.5', '1.234', '3', '']]);
    expect(ms(decimals('812.5', '1.234', '1e3'))).toEqual(['point', ['812.5', '1.234', '1e3']]);
    expect(ms(decimals('0,125'))).toEqual(['comma', ['0.125']]);
    expect(ms(decimals('1234,567'))).toEqual(['comma', ['1234.567']]);
    expect(ms(decimals('4', ''))).toEqual(['point', ['4', '']]);
    expect(() => ms(decimals('5', '1,234'))).toThrow(
      refused(/Line 3, column response_ms: "1,234" could be 1234 or 1\.234/, 'decimal'),
    );
    expect(() => ms(decimals('1.234'))).toThrow(refused(/could be 1234 or 1\.234/, 'decimal'));
    expect(ms(decimals('1,234'), { decimal: 'comma' })).toEqual(['comma', ['1.234']]);
    expect(ms(decimals('1.234'), { decimal: 'point' })).toEqual(['point', ['1.234']]);
    expect(() => ms(decimals('1,234'), { decimal: 'point' })).toThrow(
      refused(/"1,234" was refused; accepted: numbers with a decimal point.*between thousands/),
    );
    expect(() => ms(decimals('812,5', '1.234'), {})).toThrow(
      refused(/Line 3, column response_ms: "1\.234" was refused; accepted: .*decimal comma/),
    );
    expect(() => ms(decimals('812,5', '3.25'))).toThrow(refused(/Line 3.*"3\.25".*decimal comma/));
    // With commas between cells a point parts no thousands, and a quoted comma may be one.
    const commas = (cell: string) => `study,image,label,response_ms\nS,1,Low,${cell}\n`;
    expect(ms(commas('1.234'))).toEqual(['point', ['1.234']]);
    expect(ms(commas('"812,5"'))).toEqual(['comma', ['812.5']]);
    expect(() => ms(commas('"1,234"'))).toThrow(refused(/could be/, 'decimal'));
  });

  it('gives whole numbers their form, but not texts that look like them', () => {
    const images = (...cells: string[]) =>
      values(`study;image;label;score\n${cells.map((cell) => `S;${cell};Low;4.0`).join('\n')}\n`);
    expect(images('4.0', '12', '7.00').map(({ image, score }) => [image, score])).toEqual([
      ['4', '4'],
      ['12', '4'],
      ['7', '4'],
    ]);
    expect(values('study;image;label\nS;4,0;Low\n')[0]?.['image']).toBe('4');
    // Three zeros may be thousands, other fractions versions, and quotes mean a text.
    for (const cells of [['1.000'], ['1.0', '1.5'], ['"4.0"', '5'], ['4.0', 'cat']]) {
      expect(images(...cells).map(({ image }) => image)).toEqual(
        cells.map((cell) => cell.replaceAll('"', '')),
      );
    }
  });
});
