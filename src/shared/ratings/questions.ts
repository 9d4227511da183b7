import { z } from 'zod';
import { identifyingText, nameKey } from '../identifying-text';

/** The five labels of the default scale, 1 to 5 as a score. */
export const ratingLabels = ['Very Low', 'Low', 'Medium', 'High', 'Very High'] as const;
export type RatingLabel = (typeof ratingLabels)[number];

/** Labels of a scale: the digit keys have room for nine. */
const fewestLabels = 2;
export const mostLabels = 9;
export const mostQuestions = 8;

/** A score on any scale: that of a question ends with its last label. */
export const scoreSchema = z
  .int(`a whole number from 1 to ${mostLabels}`)
  .min(1, `a whole number from 1 to ${mostLabels}`)
  .max(mostLabels, `a whole number from 1 to ${mostLabels}`);

export const questionIdAccepted =
  'an id of 1 to 40 lower-case letters, digits and hyphens that begins with a letter or a digit';
export const questionIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, questionIdAccepted);
export type QuestionId = z.infer<typeof questionIdSchema>;

export const ratingLabelSchema = identifyingText('a label', 40);

const scaleAccepted = `${fewestLabels} to ${mostLabels} labels, the lowest first`;

export const questionSchema = z.object({
  id: questionIdSchema,
  /** A word or two, above the question. */
  title: z
    .string()
    .trim()
    .min(1, 'a title of 1 to 60 characters')
    .max(60, 'a title of 1 to 60 characters'),
  text: z
    .string()
    .trim()
    .min(1, 'a question of 1 to 300 characters')
    .max(300, 'a question of 1 to 300 characters'),
  help: z.string().trim().max(1000, 'at most 1,000 characters'),
  /** The scale in its order, lowest first: the first label is the score 1. */
  labels: z
    .array(ratingLabelSchema)
    .min(fewestLabels, scaleAccepted)
    .max(mostLabels, scaleAccepted)
    .refine(
      (labels) => new Set(labels.map(nameKey)).size === labels.length,
      'each label once (case does not tell labels apart)',
    )
    .default(() => [...ratingLabels]),
});
export type Question = z.infer<typeof questionSchema>;

/** A question as far as its scale goes. */
export interface Scaled {
  readonly id: QuestionId;
  /** Lowest first. */
  readonly labels: readonly string[];
}

/** What a study may ask. */
export const questionsSchema = z
  .array(questionSchema)
  .min(1, 'at least one question')
  .max(mostQuestions, `at most ${mostQuestions} questions`)
  .refine((questions) => new Set(questions.map(({ id }) => id)).size === questions.length, {
    error: 'questions whose ids differ',
  });

/** The paper's two questions: no other file names them. */
export const coherenceId = 'visual-coherence';
export const edgesId = 'edge-differentiation';
export const questionIds = [coherenceId, edgesId] as const;

/** Secs. III and IV-A of the paper, in our words: what each question asks. */
export const defaultQuestions: readonly Question[] = [
  {
    id: coherenceId,
    title: 'Visual coherence',
    text: 'How well does the map highlight the object, without spilling over into the background?',
    help: 'Very High: a person recognises the object in the map; the bright pixels lie within it, with sharp borders and next to nothing outside. Very Low: the bright pixels have little to do with the object.',
    labels: [...ratingLabels],
  },
  {
    id: edgesId,
    title: 'Edge differentiation',
    text: 'How easily can you tell the object from the rest of the image by its edges in the map?',
    help: 'Very High: the outline of the object stands out clearly from everything else. Very Low: no outline can be made out.',
    labels: [...ratingLabels],
  },
];

/** The paper's table that shows the medians of a question; null: the paper does not ask it. */
export function tableOfQuestion(question: QuestionId): 'I' | 'II' | null {
  if (question === coherenceId) return 'I';
  return question === edgesId ? 'II' : null;
}

/** The tables of questions in a few words: `Tables I and II`; those that the paper has not by title. */
export function tablesName(questions: readonly Pick<Question, 'id' | 'title'>[]): string {
  const numbers = questions.flatMap(({ id }) => tableOfQuestion(id) ?? []).sort();
  const numbered = numbers.length > 1 ? `Tables ${numbers.join(' and ')}` : `Table ${numbers[0]}`;
  const others = questions.filter(({ id }) => tableOfQuestion(id) === null);
  return [...(numbers.length > 0 ? [numbered] : []), ...others.map(({ title }) => title)].join(
    ', ',
  );
}

/** Whether two scales are one: the same labels in the same order. */
export function sameScale(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((label, i) => label === b[i]);
}

/** Whether a question is asked on the default scale, so that its labels compare with the paper's. */
export const onDefaultScale = ({ labels }: Pick<Scaled, 'labels'>): boolean =>
  sameScale(labels, ratingLabels);

/** @throws RangeError for a score that the scale has not */
export function labelOf({ id, labels }: Scaled, score: number): string {
  const label = labels[score - 1];
  if (label !== undefined) return label;
  throw new RangeError(`${id} has labels from 1 to ${labels.length}, and no ${score}`);
}

/** @throws RangeError for a question that is not among them */
export function questionOf<Q extends Pick<Scaled, 'id'>>(questions: readonly Q[], id: string): Q {
  const found = questions.find((question) => question.id === id);
  if (found) return found;
  throw new RangeError(`${id} is none of ${questions.map((question) => question.id).join(', ')}`);
}

/**
 * The questions that an instructed answer to one of them stands for: those on the same scale, itself
 * among them. The others have no such label, and are not asked then.
 */
export function onScaleOf<Q extends Scaled>(questions: readonly Q[], id: QuestionId): readonly Q[] {
  const { labels } = questionOf(questions, id);
  return questions.filter((question) => sameScale(question.labels, labels));
}

/** main counts in the tables; repeat feeds intra-rater consistency alone; the rest never counts. */
export const trialKinds = ['main', 'repeat', 'practice', 'attention'] as const;
export const trialKindSchema = z.enum(trialKinds);
export type TrialKind = z.infer<typeof trialKindSchema>;
