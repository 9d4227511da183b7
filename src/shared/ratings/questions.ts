import { z } from 'zod';

/** The five labels, 1 to 5 as a score. */
export const ratingLabels = ['Very Low', 'Low', 'Medium', 'High', 'Very High'] as const;
export const ratingLabelSchema = z.enum(ratingLabels);
export type RatingLabel = z.infer<typeof ratingLabelSchema>;

export const scoreSchema = z
  .int('a whole number from 1 to 5')
  .min(1, 'a whole number from 1 to 5')
  .max(5, 'a whole number from 1 to 5');

export const questionIds = ['visual-coherence', 'edge-differentiation'] as const;
export const questionIdSchema = z.enum(questionIds);
export type QuestionId = z.infer<typeof questionIdSchema>;

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
});
export type Question = z.infer<typeof questionSchema>;

/** Secs. III and IV-A of the paper, in our words: what each question asks. */
export const defaultQuestions: readonly Question[] = [
  {
    id: 'visual-coherence',
    title: 'Visual coherence',
    text: 'How well does the map highlight the object, without spilling over into the background?',
    help: 'Very High: a person recognises the object in the map; the bright pixels lie within it, with sharp borders and next to nothing outside. Very Low: the bright pixels have little to do with the object.',
  },
  {
    id: 'edge-differentiation',
    title: 'Edge differentiation',
    text: 'How easily can you tell the object from the rest of the image by its edges in the map?',
    help: 'Very High: the outline of the object stands out clearly from everything else. Very Low: no outline can be made out.',
  },
];

/** The table that shows each question's medians. */
export const tableOfQuestion: Readonly<Record<QuestionId, 'I' | 'II'>> = {
  'visual-coherence': 'I',
  'edge-differentiation': 'II',
};

/** main counts in the tables; repeat feeds intra-rater consistency alone; the rest never counts. */
export const trialKinds = ['main', 'repeat', 'practice', 'attention'] as const;
export const trialKindSchema = z.enum(trialKinds);
export type TrialKind = z.infer<typeof trialKindSchema>;
