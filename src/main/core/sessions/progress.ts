import { onScaleOf, type QuestionId, type Scaled } from '../../../shared/ratings/questions';
import { type RatingTrial } from '../../../shared/ratings/rating-routes';
import { type StoredTrial } from '../studies/raters-repository';

/** Labels whose times are kept, for the rater's pace. */
const keptTimes = 40;

/** A stored label of a trial, first or changed. */
interface Label {
  readonly trial: string;
  readonly question: QuestionId;
  readonly score: number;
  readonly recordedAt?: string;
}

/** How far a rater is in the order that was drawn, by the labels that are stored. */
export class Progress {
  readonly trials: readonly StoredTrial[];
  /** Trials that are practice; they come first. */
  readonly practice: number;
  readonly #questions: readonly Scaled[];
  readonly #scores = new Map<string, number>();
  /** Questions that still need a label, by position. */
  readonly #open: number[];
  #times: string[] = [];
  #labelsLeft: number;
  #done = 0;
  #first = 0;

  constructor(
    trials: readonly StoredTrial[],
    questions: readonly Scaled[],
    labels: readonly Label[] = [],
  ) {
    this.trials = trials;
    this.#questions = questions;
    this.#open = trials.map((trial) => this.#asked(trial).length);
    this.#labelsLeft = this.#open.reduce((sum, count) => sum + count, 0);
    this.practice = trials.filter(({ kind }) => kind === 'practice').length;
    this.add(labels);
  }

  /** Take account of stored labels, in the order they came. */
  add(labels: readonly Label[]): void {
    for (const { trial, question, score } of labels) {
      const position = Number(trial);
      const key = keyOf(position, question);
      const open = this.#open[position];
      if (!this.#scores.has(key) && open !== undefined) {
        this.#open[position] = open - 1;
        this.#labelsLeft -= 1;
        if (open === 1) this.#done += 1;
      }
      this.#scores.set(key, score);
    }
    while (this.answered(this.#first)) this.#first += 1;
    const times = labels.slice(-keptTimes).flatMap(({ recordedAt }) => recordedAt ?? []);
    this.#times = [...this.#times, ...times].slice(-keptTimes);
  }

  score(position: number, question: QuestionId): number | null {
    return this.#scores.get(keyOf(position, question)) ?? null;
  }

  /** Every question that the trial asks has a label. */
  answered(position: number): boolean {
    return this.#open[position] === 0;
  }

  get total(): number {
    return this.trials.length;
  }

  get done(): number {
    return this.#done;
  }

  /** The first trial that is not answered in full; undefined after the last. */
  get current(): StoredTrial | undefined {
    return this.trials[this.#first];
  }

  /** The trial after the first unanswered one, to be fetched ahead. */
  get next(): StoredTrial | undefined {
    return this.trials[this.#first + 1];
  }

  /** Labels still to be given. */
  get labelsLeft(): number {
    return this.#labelsLeft;
  }

  /** When the newest labels were recorded. */
  get times(): readonly string[] {
    return this.#times;
  }

  /** The questions of a trial in its order, with the labels given before. */
  questions(trial: StoredTrial): RatingTrial['questions'] {
    const { position } = trial;
    return this.#asked(trial).map((id) => ({ id, score: this.score(position, id) }));
  }

  /** The first question, then the others in turn; an instructed answer is one on a scale. */
  #asked({ firstQuestion, checkKind }: StoredTrial): QuestionId[] {
    const asked =
      checkKind === 'instructed' ? onScaleOf(this.#questions, firstQuestion) : this.#questions;
    const ids = asked.map(({ id }) => id);
    const first = ids.indexOf(firstQuestion);
    return [...ids.slice(first), ...ids.slice(0, first)];
  }
}

const keyOf = (position: number, question: QuestionId) => `${position} ${question}`;
