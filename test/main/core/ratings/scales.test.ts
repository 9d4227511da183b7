import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RatingRow } from '../../../../src/main/core/ratings/events-repository';
import { freshScales, readLong, writeLong } from '../../../../src/main/core/ratings/long-format';
import { asked, StudyScales } from '../../../../src/main/core/ratings/scales';
import { longColumns, requiredColumns } from '../../../../src/shared/ratings/results';
import { clutter, standInQuestions, trust } from '../../../fixtures/questions';

const header = `${requiredColumns.join(',')},score`;
const line = (question: string, label: string, score: number | string = '', image = '7') =>
  `S,mnist,${image},m,${question},R1,${label},${score}`;
const text = (...lines: string[]) => [header, ...lines].join('\n');
const refusal = (at: number, column: string, accepted: RegExp) =>
  expect.objectContaining({
    data: expect.objectContaining({
      ...{ code: 'invalid-input', field: column },
      message: expect.stringMatching(new RegExp(`^Line ${at}, column ${column}: `)),
      accepted: expect.stringMatching(accepted),
    }),
  });

/** What rows of one study teach. */
function read(...lines: string[]) {
  const scales = StudyScales.fresh();
  const rows = readLong(text(...lines), () => scales);
  return { rows, stated: scales.stated(), learned: scales.learned() };
}

describe('a question that is not the paper’s', () => {
  it('is taken where label and score are both there, and its rows make its scale', () => {
    const { rows, stated, learned } = read(
      line('trust', 'Yes', 3),
      line('visual-coherence', 'High'),
      line('Trust', 'no', 1, '8'),
      line('trust', 'YES', '', '9'),
    );
    expect(rows.map(({ question, score }) => [question, score])).toEqual([
      ['trust', 3],
      ['visual-coherence', 4],
      ['trust', 1],
      ['trust', 3],
    ]);
    expect(stated).toEqual([
      {
        ...{ id: 'visual-coherence', title: 'Visual coherence' },
        labels: ['Very Low', 'Low', 'Medium', 'High', 'Very High'],
      },
      { id: 'trust', title: 'Trust', labels: ['no', null, 'Yes'] },
    ]);
    expect(learned).toEqual([{ id: 'trust', title: 'Trust', labels: ['no', '2', 'Yes'] }]);
  });

  it('has an id out of its words, and they are its title', () => {
    const title = (question: string) =>
      read(line(question, 'Yes', 2)).stated?.map((each) => [each.id, each.title]);
    expect(title('How Noisy_is it')).toEqual([['how-noisy-is-it', 'How Noisy_is it']]);
    expect(title('ease-of-use')).toEqual([['ease-of-use', 'Ease of use']]);
  });

  it('leaves the paper’s two alone where nothing else is asked', () => {
    expect(read(line('visual-coherence', 'High', 4)).stated).toBeNull();
  });

  it.each([
    [
      'no score',
      [line('trust', 'Yes')],
      2,
      'question',
      /visual-coherence, edge-diff.*label and score are both there/,
    ],
    ['no label', [line('trust', '', 2)], 2, 'question', /label and score are both there/],
    ['no id', [line('信頼', 'Yes', 2)], 2, 'question', /lower-case letters, digits and hyphens/],
    ['a score of 10', [line('trust', 'Yes', 10)], 2, 'score', /from 1 to 9/],
    ['a score of 0', [line('trust', 'Yes', 0)], 2, 'score', /from 1 to 9/],
    [
      'two scores of a label',
      [line('trust', 'Yes', 3), line('trust', 'yes', 2, '8')],
      3,
      'score',
      /^3, which is the score of the label yes \(line 2\)$/,
    ],
    [
      'two labels of a score',
      [line('trust', 'Yes', 3), line('trust', 'Sure', 3, '8')],
      3,
      'label',
      /^Yes, which is the label of the score 3 \(line 2\)$/,
    ],
    [
      'another label without its score',
      [line('trust', 'Yes', 3), line('trust', 'No', '', '8')],
      3,
      'label',
      /^Yes, or another label whose score is there too$/,
    ],
    ['a label that nobody sees', [line('trust', 'Y\u200bes', 3)], 2, 'label', /invisible/],
    ['a label of 41 letters', [line('trust', 'x'.repeat(41), 3)], 2, 'label', /1 to 40/],
    [
      'a ninth question',
      Array.from({ length: 9 }, (_, i) => line(`q${i}`, 'Yes', 2)),
      10,
      'question',
      /at most 8 questions/,
    ],
    [
      'a label of the paper’s question',
      [line('visual-coherence', 'Yes', 3)],
      2,
      'label',
      /^Very Low, Low, Medium, High, Very High$/,
    ],
  ] as const)('is refused with its line: %s', (_, lines, at, column, accepted) => {
    expect(() => readLong(text(...lines))).toThrow(refusal(at, column, accepted));
  });

  it('is a question of each study by itself', () => {
    const other = line('trust', 'Maybe', 3).replace(/^S,/, 'T,');
    expect(readLong(text(line('trust', 'Yes', 3), other))).toHaveLength(2);
    const again = line('trust', 'Maybe', 3, '8').replace(/^S,/, '"S ",');
    expect(() => readLong(text(line('trust', 'Yes', 3), again), freshScales())).toThrow(
      refusal(3, 'label', /^Yes/),
    );
  });

  it('goes on with what earlier files state', () => {
    const before = read(line('trust', 'Yes', 3)).stated;
    const scales = StudyScales.imported(before);
    readLong(text(line('trust', 'Yes'), line('trust', 'Surely', 5, '8')), () => scales);
    expect(scales.stated()).toEqual([
      { id: 'trust', title: 'Trust', labels: [null, null, 'Yes', null, 'Surely'] },
    ]);
    expect(() => readLong(text(line('trust', 'No', 3)), () => scales)).toThrow(
      refusal(2, 'label', /^Yes, which is the label of the score 3$/),
    );
  });

  it('is none for a study that was designed: it has its own, and their labels', () => {
    const scales = () => StudyScales.designed([trust, clutter]);
    const own = (...lines: string[]) => readLong(text(...lines), scales);
    expect(own(line('trust', 'partly')).map(({ score }) => score)).toEqual([2]);
    expect(own(line('clutter-9', '++'), line('clutter-9', "'--", 1, '8'))).toMatchObject([
      { score: 9 },
      { score: 1 },
    ]);
    expect(() => own(line('visual-coherence', 'High', 4))).toThrow(
      refusal(2, 'question', /^trust, clutter-9$/),
    );
    expect(() => own(line('trust', 'High', 4))).toThrow(refusal(2, 'label', /^No, Partly, Yes$/));
    expect(() => own(line('trust', 'Yes', 2))).toThrow(refusal(2, 'score', /^3, which is/));
    expect(() => own(line('trust', 'Yes', 4))).toThrow(refusal(2, 'score', /from 1 to 3/));
  });
});

describe('a scale of which not everything was given', () => {
  it('calls the rest by its score, and has two labels at least', () => {
    const scale = (...labels: (string | null)[]) => asked({ id: 'a', title: 'A', labels }).labels;
    expect(scale('No', null, 'Yes')).toEqual(['No', '2', 'Yes']);
    expect(scale('No')).toEqual(['No', '2']);
    expect(scale(null, null, '2')).toEqual(['1', 'score 2', '2']);
  });
});

it('labels of any scale come back from the file that they are written to', () => {
  const row = (question: string, score: number, image: number): RatingRow => ({
    ...{ study: 'S', dataset: 'mnist', image: String(image), method: 'm', question, rater: 'R1' },
    ...{ session: null, trial: null, kind: 'main', repeat: 0, score, responseMs: null },
    ratedAt: null,
  });
  const rating = fc
    .constantFrom(...standInQuestions)
    .chain(({ id, labels }) =>
      fc.record({ question: fc.constant(id), score: fc.integer({ min: 1, max: labels.length }) }),
    );
  fc.assert(
    fc.property(fc.array(rating, { maxLength: 30 }), (ratings) => {
      const rows = ratings.map(({ question, score }, i) => row(question, score, i));
      const csv = writeLong(rows, 'S', standInQuestions);
      expect(csv.split('\n')[0]).toBe(longColumns.join(','));
      for (const scales of [StudyScales.fresh(), StudyScales.designed(standInQuestions)]) {
        const read = readLong(csv, () => scales);
        expect(read.map(({ question, score }) => [question, score])).toEqual(
          ratings.map(({ question, score }) => [question, score]),
        );
      }
    }),
  );
});
