import { type QuestionId, questionOf, type Scaled } from '../../../../shared/ratings/questions';
import { type RatingDesign } from '../../../../shared/ratings/study';
import { type StoredTrial } from '../raters-repository';
import { apart, countBy, pictureOf } from './adjacency';
import { choosePairs } from './choose-pairs';
import { Draw } from './draw';
import { flatRange, practiceKinds } from './examples';
import { orderShowings } from './repeats';

export interface Picture {
  readonly dataset: string;
  readonly image: string;
}

/** One map to be rated. */
export interface Pair extends Picture {
  readonly method: string;
}

export interface AssignmentInput {
  /** Every pair of the study, each once, by method within image (`pairsOf`). */
  readonly pairs: readonly Pair[];
  /** How often each pair was given to the other raters, as a main trial. */
  readonly counts: readonly number[];
  readonly design: RatingDesign;
  /** What the study asks, at least one. */
  readonly questions: readonly Scaled[];
  /** 0, 1, … within the study: the seed of this rater's order. */
  readonly ordinal: number;
  /** Images of practice trials and checks; none of them among the pairs. */
  readonly examples: readonly Picture[];
}

export interface Assignment {
  readonly trials: StoredTrial[];
  /** What could not be done as asked, in sentences. */
  readonly warnings: string[];
}

/** Every image with every method. */
export function pairsOf(pictures: readonly Picture[], methods: readonly string[]): Pair[] {
  return pictures.flatMap(({ dataset, image }) =>
    methods.map((method) => ({ dataset, image, method })),
  );
}

/** The first picture of every dataset, then the second of each, … */
export function datasetsInTurn(pictures: readonly Picture[]): Picture[] {
  const seen = new Map<string, number>();
  return pictures
    .map(({ dataset, image }) => {
      const turn = seen.get(dataset) ?? 0;
      seen.set(dataset, turn + 1);
      return { turn, picture: { dataset, image } };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ picture }) => picture);
}

/**
 * The trials of one rater in their order: practice, then main trials with repeats and checks among
 * them. The same input gives the same trials.
 *
 * Main trials: each pair at most once; methods differ by at most 1; where every rater before was
 * assigned so, pairs differ by at most 1 over all raters. The same image is never in adjacent
 * trials where the images allow it. A repeat comes at least `repeatGap` trials after the first
 * showing, with the same question first. Checks are spread evenly and never come first.
 *
 * @throws RangeError for more trials than pairs, or practice or checks without examples
 */
export function assignTrials(input: AssignmentInput): Assignment {
  const { pairs, counts, design, questions, ordinal, examples } = input;
  const ids = questions.map(({ id }) => id);
  const count = design.trials ?? pairs.length;
  const checks = design.instructedChecks + design.flatChecks;
  if (count > pairs.length) throw new RangeError(`${count} trials of ${pairs.length} pairs`);
  if (design.practice + checks > 0 && examples.length === 0) throw new RangeError('no examples');
  const draw = new Draw(design.seed, ordinal);
  const warnings: string[] = [];

  const chosen = choosePairs(pairs, counts, count, design.seed);
  const repeated = repeatsOf(chosen.length, design, warnings);
  const shown = orderShowings(chosen, repeated, design.repeatGap, draw);
  if (!apart(shown)) warnings.push(adjacencyWarning(pairs));

  const first = firstQuestions(chosen, ids, design, ordinal, draw);
  const trials: Omit<StoredTrial, 'position'>[] = shown.map(({ pair, repeat }) => ({
    kind: repeat === 0 ? 'main' : 'repeat',
    ...pair,
    repeat,
    firstQuestion: first(pair),
    ...noCheck,
  }));
  const other = (turn: number) => otherFirst(ids, design, ordinal, turn);
  const checked = checksOf(design, questions, examples, draw, other);
  const withChecks = insertChecks(trials, checked);
  const practice = practiceOf(design, examples, other);
  return {
    trials: [...practice, ...withChecks].map((trial, position) => ({ position, ...trial })),
    warnings,
  };
}

const noCheck = { checkKind: null, expectedLow: null, expectedHigh: null } as const;
type Trial = Omit<StoredTrial, 'position'>;

function repeatsOf(main: number, design: RatingDesign, warnings: string[]): number {
  const { repeats, repeatGap } = design;
  // Shown again at the end in the order of their first showing, all come `main` trials later.
  const possible = main >= repeatGap ? Math.min(repeats, main) : 0;
  if (possible < repeats) {
    warnings.push(
      main >= repeatGap
        ? `Of ${repeats} repeats ${possible} are shown: a rater has ${main} main trials.`
        : `None of the ${repeats} repeats is shown: they come at least ${repeatGap} trials after the first showing, and a rater has ${main} main trials.`,
    );
  }
  return possible;
}

function adjacencyWarning(pairs: readonly Pair[]): string {
  const images = new Set(pairs.map(pictureOf)).size;
  return images === 1
    ? 'There is one image only: it is shown in every trial.'
    : `With ${images} images the same image cannot always be kept from adjacent trials.`;
}

/** Which question each main trial asks first: in equal shares, within each method too. */
function firstQuestions(
  main: readonly Pair[],
  ids: readonly QuestionId[],
  design: RatingDesign,
  ordinal: number,
  draw: Draw,
): (pair: Pair) => QuestionId {
  if (design.questionOrder !== 'by-trial') {
    const first = otherFirst(ids, design, ordinal, 0);
    return () => first;
  }
  const methods = countBy(main, ({ method }) => method);
  const shuffled = draw.shuffle(main, 'questions');
  const byMethod = [...methods.keys()].flatMap((method) =>
    shuffled.filter((pair) => pair.method === method),
  );
  const start = draw.below(ids.length, 'first question');
  const turns = new Map(byMethod.map((pair, i) => [pair, i + start]));
  return (pair) => {
    const turn = turns.get(pair);
    if (turn === undefined) throw new RangeError('a pair that is none of the main trials');
    return inTurn(ids, turn);
  };
}

/** The first question of trials that do not count, and of all where the design fixes it. */
function otherFirst(
  ids: readonly QuestionId[],
  design: RatingDesign,
  ordinal: number,
  turn: number,
): QuestionId {
  if (design.questionOrder === 'fixed') return inTurn(ids, 0);
  return inTurn(ids, design.questionOrder === 'by-rater' ? ordinal : turn);
}

function practiceOf(
  design: RatingDesign,
  examples: readonly Picture[],
  first: (turn: number) => QuestionId,
): Trial[] {
  return Array.from({ length: design.practice }, (_, i) => ({
    kind: 'practice',
    ...inTurn(examples, i),
    method: inTurn(practiceKinds, i),
    repeat: 0,
    firstQuestion: first(i),
    ...noCheck,
  }));
}

/** Both kinds of check in a drawn order, their pictures in turn. */
function checksOf(
  design: RatingDesign,
  questions: readonly Scaled[],
  examples: readonly Picture[],
  draw: Draw,
  first: (turn: number) => QuestionId,
): Trial[] {
  const kinds = draw.shuffle(
    [
      ...Array.from({ length: design.instructedChecks }, () => 'instructed' as const),
      ...Array.from({ length: design.flatChecks }, () => 'flat' as const),
    ],
    'checks',
  );
  return kinds.map((checkKind, i) => {
    const firstQuestion = first(i);
    const { labels } = questionOf(questions, firstQuestion);
    const score = 1 + draw.below(labels.length, 'instructed', i);
    const [expectedLow, expectedHigh] = checkKind === 'flat' ? flatRange : [score, score];
    return {
      kind: 'attention',
      ...inTurn(examples, i),
      method: checkKind === 'flat' ? 'flat' : inTurn(practiceKinds, i),
      repeat: 0,
      firstQuestion,
      checkKind,
      expectedLow,
      expectedHigh,
    };
  });
}

/** After equal shares of the trials: never before the first. */
function insertChecks(trials: readonly Trial[], checks: readonly Trial[]): Trial[] {
  const all: Trial[] = [];
  let next = 0;
  trials.forEach((trial, i) => {
    all.push(trial);
    while (
      next < checks.length &&
      i + 1 >= Math.floor(((next + 1) * trials.length) / (checks.length + 1))
    ) {
      const check = checks[next];
      if (check) all.push(check);
      next += 1;
    }
  });
  return all;
}

function inTurn<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) throw new RangeError('an empty list');
  return found;
}
