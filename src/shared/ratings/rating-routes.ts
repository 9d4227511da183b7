import { z } from 'zod';
import { arraySchema } from '../arrays';
import { plainText } from '../identifying-text';
import { questionIdSchema, questionsSchema, scoreSchema } from './questions';

/**
 * All that an annotator's page can ask for. It imports no catalogue of methods, and nothing it
 * carries tells which method made a map: no method, parameter, image index, key or hash.
 */
const none = z.object({});

/** A one-time id: drawn for one showing to one rater, worthless after it. */
export const pixelIdSchema = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'a one-time id');

export const backgroundQuestionSchema = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens'),
  text: z
    .string()
    .trim()
    .min(1, 'a question of 1 to 200 characters')
    .max(200, 'a question of 1 to 200 characters'),
  /** Choices to pick one of; empty: free text. */
  options: z
    .array(
      z
        .string()
        .trim()
        .min(1, 'choices of 1 to 80 characters')
        .max(80, 'choices of 1 to 80 characters'),
    )
    .max(12, 'at most twelve choices'),
});
export type BackgroundQuestion = z.infer<typeof backgroundQuestionSchema>;

/** Whether a rater has seen maps with their methods' names before; asked, never guessed. */
export const experiences = ['naive', 'seen'] as const;
export const experienceSchema = z.enum(experiences);
export type Experience = z.infer<typeof experienceSchema>;

export const raterCodeSchema = z
  .string()
  .overwrite(plainText)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/,
    'a code of 1 to 32 letters, digits, hyphens or underscores (no names)',
  );

/** One showing of one trial: the image and one map under fresh ids. */
export const ratingTrialSchema = z.object({
  /** Where it stands in this rater's order, from 0. */
  position: z.int().nonnegative(),
  /** Practice is announced as such and explained afterwards; nothing else is told apart. */
  practice: z.boolean(),
  image: pixelIdSchema,
  map: pixelIdSchema,
  /** null where the study hides class names. */
  className: z.string().nullable(),
  /** The questions in the order to ask them, with the score given before or null. */
  questions: z.array(z.object({ id: questionIdSchema, score: z.int().nullable() })).min(1),
  /** Shown in place of the questions, which are all on one scale then: 'Please choose High.' */
  instruction: z.string().nullable(),
  /** For practice: shown after all answers. */
  explanation: z.string().nullable(),
});
export type RatingTrial = z.infer<typeof ratingTrialSchema>;

/**
 * Where a rater stands. code: no rater yet. The screens between `instructions` and `trials` follow
 * one another; `thanks`: everything is rated; `withdrawn`: consent was taken back; `closed`: the
 * researcher ended the study.
 */
const ratingPhases = [
  'code',
  'background',
  'instructions',
  'consent',
  'trials',
  'thanks',
  'withdrawn',
  'closed',
] as const;
export type RatingPhase = (typeof ratingPhases)[number];

export const ratingStateSchema = z.object({
  /** `desk`: annotator mode on the researcher's own machine, which a passphrase ends. */
  entry: z.enum(['desk', 'link']),
  /** Whether ending desk mode asks for a passphrase. */
  passphrase: z.boolean(),
  phase: z.enum(ratingPhases),
  study: z.object({
    title: z.string(),
    instructions: z.string(),
    consent: z.string(),
    thanks: z.string(),
    questions: questionsSchema,
    background: z.array(backgroundQuestionSchema),
    /** A break is offered after every so many trials; 0: never. */
    breakEvery: z.int(),
    /** Height and width of the largest picture of the study, so that the layout never jumps. */
    largest: z.tuple([z.int(), z.int()]),
  }),
  rater: z.object({ code: z.string() }).nullable(),
  /** Trials of this rater's order, practice included, and those answered in full. */
  total: z.int(),
  done: z.int(),
  /** Of `total`, the practice trials, which come first. */
  practice: z.int(),
  /** Seconds left at this rater's own pace; null until it is known. */
  secondsLeft: z.number().nullable(),
  /** The first trial not answered in full, and the one after it (to be fetched ahead). */
  current: ratingTrialSchema.nullable(),
  next: ratingTrialSchema.nullable(),
});
export type RatingState = z.infer<typeof ratingStateSchema>;

const inputKinds = ['keyboard', 'mouse', 'touch', 'pen', 'other'] as const;

/** What is recorded with a label, measured in the browser. */
export const telemetrySchema = z.object({
  /** Milliseconds from the first paint of the map with this question to the choice. */
  responseMs: z.number().min(0).max(86_400_000),
  /** performance.now() at the choice, and the page's time origin: a monotonic clock. */
  monotonicMs: z.number().min(0),
  /** How often and how long the window was out of focus since the paint. */
  focusLosses: z.int().min(0),
  unfocusedMs: z.number().min(0),
  /** Changes of the zoom since the paint, and the zoom at the choice (screen pixels per pixel). */
  zoomChanges: z.int().min(0),
  zoom: z.number().min(0),
  overlayUses: z.int().min(0),
  input: z.enum(inputKinds),
});
export type Telemetry = z.infer<typeof telemetrySchema>;

export const screenSchema = z.object({
  width: z.int().min(0).max(100_000),
  height: z.int().min(0).max(100_000),
  pixelRatio: z.number().min(0).max(100),
});

export const ratingRoutes = {
  /** Where this rater stands; the first call of a page begins a session. */
  'rating.open': {
    input: z.object({ screen: screenSchema }),
    output: ratingStateSchema,
  },
  /** Desk mode: take a code, or with null a new one made on the spot. */
  'rating.enter': {
    input: z.object({ code: raterCodeSchema.nullable(), screen: screenSchema }),
    output: ratingStateSchema,
  },
  'rating.describe': {
    input: z.object({
      experience: experienceSchema,
      answers: z.record(z.string(), z.string().max(500)),
    }),
    output: ratingStateSchema,
  },
  /** Instructions were read; consent was given. */
  'rating.advance': {
    input: z.object({ from: z.enum(['instructions', 'consent']) }),
    output: ratingStateSchema,
  },
  /** RGBA bytes of a picture, uint8 [H, W, 4]: of one length for every picture of a dataset. */
  'rating.pixels': {
    input: z.object({ id: pixelIdSchema }),
    output: z.object({ pixels: arraySchema }),
  },
  /** A trial up to the first unanswered one, to look at it again and change its labels. */
  'rating.trial': {
    input: z.object({ position: z.int().nonnegative() }),
    output: ratingTrialSchema,
  },
  /**
   * Record a label, durably, then answer. `event` is drawn by the page: the same one again changes
   * nothing. A label for a question answered before is a new event, never an overwrite.
   */
  'rating.answer': {
    input: z.object({
      event: z.uuid('a UUID'),
      position: z.int().nonnegative(),
      question: questionIdSchema,
      score: scoreSchema,
      telemetry: telemetrySchema,
    }),
    output: z.object({
      done: z.int(),
      phase: z.enum(ratingPhases),
      secondsLeft: z.number().nullable(),
      /** The trial after the first unanswered one, to be fetched ahead. */
      next: ratingTrialSchema.nullable(),
    }),
  },
  /** Take consent back: an appended event that removes this rater from every output. */
  'rating.withdraw': { input: none, output: ratingStateSchema },
  /** Desk mode: this rater is finished (for now); back to the code. */
  'rating.leave': { input: none, output: ratingStateSchema },
  /** Desk mode: back to the researcher's app. Refused for a wrong passphrase. */
  'rating.end': {
    input: z.object({ passphrase: z.string().max(200).nullable().default(null) }),
    output: none,
  },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export type RatingRouteName = keyof typeof ratingRoutes;
