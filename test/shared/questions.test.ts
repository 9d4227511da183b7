import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/shared/canonical';
import { StudioError, parse } from '../../src/shared/errors';
import {
  defaultQuestions,
  labelOf,
  mostQuestions,
  onScaleOf,
  questionOf,
  questionsSchema,
  ratingLabels,
  tableOfQuestion,
  tablesName,
} from '../../src/shared/ratings/questions';
import {
  defaultInstructions,
  forHash,
  instructionsFor,
  sameForRaters,
  studyConfigSchema,
} from '../../src/shared/ratings/study';
import { clutter, standInQuestions, trust } from '../fixtures/questions';

const config = (questions?: unknown) =>
  studyConfigSchema.parse({
    datasets: [{ dataset: 'mnist', model: 'model_aaaaaaaaaaaaaaaa' }],
    ...(questions === undefined ? {} : { questions }),
  });
const refused = (questions: unknown): string | undefined => {
  try {
    parse(questionsSchema, questions, 'questions');
    return undefined;
  } catch (error) {
    return error instanceof StudioError ? error.data.message : String(error);
  }
};

describe('the questions of a study', () => {
  it('are the paper’s two on its scale by default, and were stored without a scale before', () => {
    expect(config().questions).toEqual(defaultQuestions);
    const stored = defaultQuestions.map(({ id, title, text, help }) => ({ id, title, text, help }));
    expect(config(stored).questions).toEqual(defaultQuestions);
    expect(config(stored).questions[0]?.labels).toEqual([...ratingLabels]);
  });

  it('are one or more with ids that differ, each with 2 to 9 labels that differ', () => {
    expect(config([...standInQuestions]).questions).toEqual(standInQuestions);
    expect(config([{ ...trust, labels: ['no', 'yes'] }]).questions).toHaveLength(1);
    const labels = (...list: string[]) => refused([{ ...trust, labels: list }]);
    expect(labels('Only one')).toMatch(/^questions\.0\.labels .*2 to 9 labels/);
    expect(labels(...'abcdefghij')).toMatch(/2 to 9 labels/);
    expect(labels('Yes', 'No', 'yes')).toMatch(/each label once/);
    expect(labels('Yes', 'Y\u200bes')).toMatch(/^questions\.0\.labels\.1 .*invisible/);
    expect(labels('Yes', ' ')).toMatch(/a label of 1 to 40 characters/);
    expect(parse(questionsSchema, [{ ...trust, labels: [' a  b ', 'c'] }])[0]?.labels).toEqual([
      'a b',
      'c',
    ]);
    for (const id of ['', 'Trust', 'a b', '-a', 'x'.repeat(41)]) {
      expect(refused([{ ...trust, id }])).toMatch(/^questions\.0\.id .*lower-case letters/);
    }
    expect(refused([trust, clutter, trust])).toMatch(/ids differ/);
    expect(refused([])).toMatch(/at least one question/);
    const many = Array.from({ length: mostQuestions + 1 }, (_, i) => ({ ...trust, id: `q${i}` }));
    expect(refused(many)).toMatch(/at most 8 questions/);
  });

  it('are found by id and label by score, or named where they are not there', () => {
    expect(labelOf(trust, 3)).toBe('Yes');
    expect(() => labelOf(trust, 4)).toThrow('trust has labels from 1 to 3, and no 4');
    expect(() => questionOf([trust], 'taste')).toThrow('taste is none of trust');
    expect(onScaleOf(standInQuestions, 'trust')).toEqual([trust]);
    expect(onScaleOf(standInQuestions, 'edge-differentiation')).toEqual(defaultQuestions);
  });

  it('have the paper’s tables by number, and others by title', () => {
    expect(standInQuestions.map(({ id }) => tableOfQuestion(id))).toEqual(['I', null, 'II', null]);
    expect(tablesName(defaultQuestions)).toBe('Tables I and II');
    expect(tablesName(standInQuestions)).toBe('Tables I and II, Trust, Clutter & noise');
    expect(tablesName(defaultQuestions.slice(1))).toBe('Table II');
    expect(tablesName([trust])).toBe('Trust');
  });

  it('are spoken of by the default instructions as they are', () => {
    expect(instructionsFor(defaultQuestions)).toBe(defaultInstructions);
    expect(instructionsFor([trust])).toContain('answer one question with one of three labels');
    expect(instructionsFor(standInQuestions)).toContain('answer four questions with a label each');
  });

  it('leave the hash of a study of before as it was, and tell scales apart', () => {
    const now = config();
    const before = canonicalJson({
      ...now,
      datasets: now.datasets.map((dataset) => ({ ...dataset, run: null })),
      questions: now.questions.map(({ id, title, text, help }) => ({ id, title, text, help })),
    });
    expect(canonicalJson(forHash(now))).toBe(before);
    const [first, ...rest] = defaultQuestions;
    const other = config([{ ...first, labels: ['bad', 'good'] }, ...rest]);
    expect(canonicalJson(forHash(other))).not.toBe(before);
    expect(sameForRaters(now, other)).toBe(false);
  });
});
