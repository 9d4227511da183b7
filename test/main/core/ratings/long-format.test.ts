import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RatingRow } from '../../../../src/main/core/ratings/events-repository';
import { readLong, writeLong } from '../../../../src/main/core/ratings/long-format';
import { plainText } from '../../../../src/shared/identifying-text';
import { hiddenIn, showHidden } from '../../../../src/shared/invisible';
import {
  defaultQuestions,
  questionIds,
  trialKinds,
} from '../../../../src/shared/ratings/questions';
import { type longColumns, requiredColumns } from '../../../../src/shared/ratings/results';
import { readText } from '../../../../src/shared/text-encoding';

const refused = (data: Record<string, unknown>) =>
  expect.objectContaining({
    data: expect.objectContaining({ code: 'invalid-input', ...data }),
  });
const saying = (...parts: RegExp[]) => {
  const all = new RegExp(parts.map(({ source }) => `(?=.*${source})`).join(''));
  return refused({ message: expect.stringMatching(all) });
};

const header = requiredColumns.join(',');
const line = 'S,mnist,7,smoothgrad,visual-coherence,R1,High';

const row: RatingRow = {
  study: 'study_aaaaaaaaaaaaaaaa',
  dataset: 'mnist',
  image: '7',
  method: 'smoothgrad',
  question: 'visual-coherence',
  rater: 'R1',
  session: 'session_aaaaaaaaaaaaaaaa',
  trial: '12',
  kind: 'main',
  repeat: 0,
  score: 4,
  responseMs: 812.5,
  ratedAt: '2026-01-31T09:30:00.000Z',
};

/** All but the number of the repeat, which the file does not hold. */
function leaveOut(rating: RatingRow): Partial<RatingRow> {
  const copy: Partial<RatingRow> = { ...rating };
  delete copy.repeat;
  return copy;
}

describe('the long format', () => {
  it('is written in the order of its columns, quoted where a cell asks for it', () => {
    const bare = { ...row, session: null, trial: null, responseMs: null, ratedAt: null };
    const csv = writeLong(
      [row, { ...bare, method: 'mine, "new"', score: 1 }],
      'First, study',
      defaultQuestions,
    );
    expect(csv.split('\n')).toEqual([
      'study,dataset,image,method,question,rater,session,trial,kind,label,score,response_ms,rated_at',
      '"First, study",mnist,7,smoothgrad,visual-coherence,R1,session_aaaaaaaaaaaaaaaa,12,main,High,4,812.5,2026-01-31T09:30:00.000Z',
      '"First, study",mnist,7,"mine, ""new""",visual-coherence,R1,,,main,Very Low,1,,',
      '',
    ]);
  });

  it('is read with the required columns alone', () => {
    expect(readLong(`${header}\n${line}\n`)).toEqual([
      {
        line: 2,
        study: 'S',
        dataset: 'mnist',
        image: '7',
        method: 'smoothgrad',
        question: 'visual-coherence',
        rater: 'R1',
        session: null,
        trial: null,
        kind: 'main',
        score: 4,
        responseMs: null,
        ratedAt: null,
      },
    ]);
    expect(readLong(`${header}\n`)).toEqual([]);
  });

  it('takes a byte order mark, CRLF, empty lines, no last line end, and columns in any order', () => {
    const columns = [...requiredColumns].reverse();
    const cells = line.split(',').reverse();
    const text = `\uFEFF${columns.join(',')}\r\n\r\n${cells.join(',')}\r\n${cells.join(',')}`;
    const rows = readLong(text);
    expect(rows.map(({ line: at }) => at)).toEqual([3, 4]);
    expect(rows[0]).toMatchObject({ study: 'S', rater: 'R1', score: 4 });
    const bytes = new TextEncoder().encode(text);
    expect(readLong(readText(bytes).text)).toEqual(rows);
    expect(() => readText(Uint8Array.of(0x53, 0xe9, 0x0a))).toThrow(saying(/UTF-8/));
  });

  it('takes labels whatever their case, and times with and without a zone', () => {
    const read = (label: string, time: string) =>
      readLong(`${header},rated_at\nS,mnist,7,m,visual-coherence,R1,${label},${time}\n`)[0];
    expect(read('vErY hiGH', '2026-01-31T11:30:00+02:00')).toMatchObject({
      score: 5,
      ratedAt: '2026-01-31T09:30:00.000Z',
    });
    expect(read('low', '2026-01-31')).toMatchObject({ score: 2, ratedAt: '2026-01-31' });
    expect(read('LOW', '2026-01-31T11:30:00')?.ratedAt).toBe('2026-01-31T11:30:00');
  });

  it('takes labels, questions and kinds in the words of other programs', () => {
    const read = (label: string, question: string, kind = 'main') =>
      readLong(`${header},kind\nS,mnist,7,m,${question},R1,${label},${kind}\n`)[0];
    for (const label of ['Very.Low', 'very low', 'VERY_LOW', 'Very-Low', 'very\u00a0low']) {
      expect(read(label, 'Visual.Coherence', 'Main')).toMatchObject({
        ...{ score: 1, question: 'visual-coherence', kind: 'main' },
      });
    }
    expect(read('High', 'edge_differentiation')?.question).toBe('edge-differentiation');
    expect(() => read('Very Very Low', 'visual-coherence')).toThrow(
      saying(/Line 2, column label: "Very Very Low"/, /accepted: Very Low, Low/),
    );
  });

  it('takes numbers with a fraction, and times with a space, as pandas writes them', () => {
    const text = [
      `${header},trial,kind,score,response_ms,rated_at`,
      'S,mnist,7.0,m,visual-coherence,1.0,High,12.0,repeat,4.0,812.0,2026-01-31 09:30:00+00:00',
      'S,mnist,8.0,m,visual-coherence,1.0,Low,,main,2.0,0.5,2026-01-31 11:30:00',
    ];
    expect(readLong(text.join('\n'))).toMatchObject([
      {
        ...{ image: '7', rater: '1', trial: '12', score: 4, responseMs: 812 },
        ratedAt: '2026-01-31T09:30:00.000Z',
      },
      {
        ...{ image: '8', rater: '1', trial: null, score: 2, responseMs: 0.5 },
        ratedAt: '2026-01-31T11:30:00',
      },
    ]);
  });

  it('comes back as it was written', () => {
    const text = fc
      .oneof(
        fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }),
        fc
          .tuple(
            fc.constantFrom('=', '+', '-', '@', "'", "'=", "''@", '4.0', '"'),
            fc.string({ maxLength: 5 }),
          )
          .map((parts) => parts.join('')),
      )
      .map(plainText)
      .filter((value) => value !== '' && value.length <= 80 && hiddenIn(value).length === 0);
    const rating: fc.Arbitrary<RatingRow> = fc.record({
      study: fc.constant('study_aaaaaaaaaaaaaaaa'),
      dataset: text,
      image: text,
      method: text,
      question: fc.constantFrom(...questionIds),
      rater: text,
      session: fc.option(text),
      trial: fc.option(text),
      kind: fc.constantFrom(...trialKinds),
      repeat: fc.constant(0),
      score: fc.integer({ min: 1, max: 5 }),
      responseMs: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true })),
      ratedAt: fc.option(
        fc
          .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
          .map((date) => date.toISOString()),
      ),
    });
    fc.assert(
      fc.property(fc.array(rating, { maxLength: 8 }), text, (rows, study) => {
        const read = readLong(writeLong(rows, study, defaultQuestions));
        expect(read).toEqual(
          rows.map((rating, i) => ({
            ...leaveOut(rating),
            study,
            line: i + 2,
            responseMs: rating.responseMs === null ? null : Math.abs(rating.responseMs),
          })),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('a bad file', () => {
  const cell = (column: (typeof longColumns)[number], value: string) => {
    const cells: Record<string, string> = Object.fromEntries(
      requiredColumns.map((name, i) => [name, line.split(',')[i] ?? '']),
    );
    cells[column] = value;
    const names = Object.keys(cells);
    const good = names.map((name) => (name === column ? '' : cells[name]));
    const rows = requiredColumns.includes(column as 'study') ? [] : [good.join(',')];
    return [names.join(','), ...rows, names.map((name) => cells[name]).join(',')].join('\n');
  };

  it.each([
    ['study', '', /a value/],
    ['dataset', '', /a value/],
    ['question', 'coherence', /visual-coherence, edge-differentiation/],
    ['rater', '', /a value/],
    ['rater', 'x'.repeat(81), /at most 80 characters/],
    ['label', 'Hgh', /Very Low, Low, Medium, High, Very High/],
    ['label', 'Low\u200b', /Very Low, Low/],
    ['session', 's\u200b', /without invisible characters \(U\+200B\)/],
    ['label', '4', /Very Low, Low, Medium, High, Very High/],
    ['score', '6', /a whole number from 1 to 5/],
    ['score', '3', /4, which is the score of the label High/],
    ['kind', 'test', /main, repeat, practice, attention/],
    ['response_ms', '-1', /milliseconds/],
    ['response_ms', 'fast', /milliseconds/],
    ['response_ms', '1e999', /milliseconds/],
    ['rated_at', '31.01.2026', /ISO 8601/],
    ['rated_at', '2026-02-30T10:00:00Z', /ISO 8601/],
  ] as const)('names the cell: %s %j', (column, value, accepted) => {
    const text = cell(column, value);
    const at = String(text.split('\n').length);
    expect(() => readLong(text)).toThrow(
      refused({
        field: column,
        value: expect.stringContaining(showHidden(JSON.stringify(value.slice(0, 50))).slice(0, -1)),
        accepted: expect.stringMatching(accepted),
        message: expect.stringMatching(new RegExp(`^Line ${at}, column ${column}: .*accepted`)),
        details: { line: at, column },
      }),
    );
  });

  it('names the line of what is wrong with its form', () => {
    const read = (text: string) => () => readLong(text);
    expect(read('')).toThrow(saying(/Line 1/, /no column study/));
    expect(read(`${header},comment\n${line},x\n`)).toThrow(
      saying(/Line 1/, /unknown column "comment"/),
    );
    expect(read(`Studies${header.slice(5)}\n`)).toThrow(saying(/unknown column "Studies"/));
    expect(read(`${header},kind,kind\n`)).toThrow(saying(/the column kind twice/));
    expect(read('study,dataset,image,method,question,rater\n')).toThrow(saying(/no column label/));
    expect(read(`${header}\n${line}\n${line},more\n`)).toThrow(saying(/Line 3/, /8 cells/));
    expect(read(`${header}\n${line}\nS,mnist\n`)).toThrow(saying(/Line 3/, /2 cells/));
    expect(read(`${header}\n${line}\nS,"mni"st,7,m,visual-coherence,R1,High\n`)).toThrow(
      saying(/Line 3/, /quote/),
    );
    expect(read(`${header}\n${line}\nS,"mnist,7,m,visual-coherence,R1,High\n`)).toThrow(
      saying(/Line 3/, /quote/),
    );
    expect(read(`${header}\r\n${line}\r\nS,"mn\r\nist",7,m,visual-coherence,R1,High\r\n`)).toThrow(
      saying(/Line 3/, /line break/),
    );
  });
});
