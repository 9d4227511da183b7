import { randomMethodId } from '../../../shared/catalogue/methods';
import { counted } from '../../../shared/format/counts';
import { defaultQuestions, type QuestionId } from '../../../shared/ratings/questions';
import { type AskedQuestion, type Friedman } from '../../../shared/ratings/results';
import { friedmanTest } from '../../../statistics/friedman';
import { type Block, unitsOf } from './blocks';
import { datasetName, type DatasetNames } from './order';

/** A question within a sentence: the paper's by their own names, others by their titles. */
export function inSentence(questions: readonly AskedQuestion[], id: QuestionId): string {
  const own = defaultQuestions.find((question) => question.id === id);
  return own?.title.toLowerCase() ?? questions.find((question) => question.id === id)?.title ?? id;
}

/**
 * Friedman's test within a dataset: treatments are the methods but the random control (that a
 * control differs says nothing of the methods), blocks are images, values are means over raters.
 */
export function friedmanOf(
  block: Block,
  questions: readonly AskedQuestion[],
  known: DatasetNames,
): Friedman {
  const methods = block.methods.map((_, m) => m).filter((m) => block.methods[m] !== randomMethodId);
  const means = new Map(
    unitsOf(block).map(({ image, method, scores }) => [
      `${image} ${method}`,
      scores.reduce((sum, score) => sum + score, 0) / scores.length,
    ]),
  );
  const rated = [...new Set(block.ratings.map(({ image }) => image))];
  const values = rated.map((image) => methods.map((m) => means.get(`${image} ${m}`) ?? null));
  const missing = values.flat().filter((value) => value === null).length;
  return testWithSentence(values, {
    question: block.question,
    name: inSentence(questions, block.question),
    dataset: block.dataset,
    blocks: rated.length,
    treatments: methods.length,
    missing,
    over: `over ${counted(rated.length, 'image')} of ${datasetName(known, block.dataset)}`,
    limits:
      'It does not say which methods differ, it takes the raters as they are, and an order on one dataset need not hold on another: three datasets cannot rank nine methods.',
  });
}

interface Setting {
  readonly question: QuestionId;
  /** The question within a sentence. */
  readonly name: string;
  readonly dataset: string;
  readonly blocks: number;
  readonly treatments: number;
  readonly missing: number;
  /** What the blocks are, in words. */
  readonly over: string;
  /** What the test leaves open, in a sentence. */
  readonly limits: string;
}

/** The test with a sentence on what can and cannot be concluded. */
export function testWithSentence(
  values: readonly (readonly (number | null)[])[],
  { question, name, dataset, blocks, treatments, missing, over, limits }: Setting,
): Friedman {
  const test = friedmanTest(values);
  const base = { question, dataset, blocks, treatments };
  const about = `${name} ${over}`;
  if (typeof test === 'string') {
    const reason = {
      incomplete: `${counted(missing, 'pair')} of image and method of ${blocks * treatments} ${missing === 1 ? 'has' : 'have'} no label; the test needs all of them.`,
      'too-small': `The test needs two images and two methods; there ${blocks === 1 ? 'is' : 'are'} ${counted(blocks, 'image')} and ${counted(treatments, 'method')}.`,
      tied: 'All methods have the same mean on every image.',
    }[test];
    return {
      ...base,
      statistic: null,
      degrees: null,
      p: null,
      reason,
      sentence: `Nothing can be concluded about differences between methods in ${about}: the Friedman test was not computed.`,
    };
  }
  const figures = `Friedman chi-square ${test.statistic.toFixed(3)} with ${counted(test.degrees, 'degree')} of freedom, p ${formatP(test.p)}`;
  const rough = blocks < 10 ? ' With so few blocks p is a rough approximation.' : '';
  const finding =
    test.p < 0.05
      ? `The ${treatments} methods differ in ${about} by more than chance would bring (${figures}).`
      : `No difference between the ${treatments} methods in ${about} is shown (${figures}); that is no evidence that they are equal.`;
  return { ...base, ...test, reason: null, sentence: `${finding} ${limits}${rough}` };
}

function formatP(p: number): string {
  return p < 0.001 ? '< .001' : `= ${p.toFixed(3).replace(/^0/, '')}`;
}
