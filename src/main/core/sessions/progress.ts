import { type QuestionId, questionIds } from '../../../shared/ratings/questions';
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
  readonly #scores = new Map<string, number>();
  /** Questions that have a label, by position. */
  readonly #labelled = new Map<number, number>();
  #times: string[] = [];
  #done = 0;
  #first = 0;

  constructor(trials: readonly StoredTrial[], labels: readonly Label[] = []) {
    this.trials = trials;
    this.practice = trials.filter(({ kind }) => kind === 'practice').length;
    this.add(labels);
  }

  /** Take account of stored labels, in the order they came. */
  add(labels: readonly Label[]): void {
    for (const { trial, question, score } of labels) {
      const position = Number(trial);
      const key = keyOf(position, question);
      const before = this.#labelled.get(position) ?? 0;
      if (!this.#scores.has(key) && this.trials[position]) {
        this.#labelled.set(position, before + 1);
        if (before + 1 === questionIds.length) this.#done += 1;
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

  /** Both questions have a label. */
  answered(position: number): boolean {
    return this.#labelled.get(position) === questionIds.length;
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
    return this.trials.length * questionIds.length - this.#scores.size;
  }

  /** When the newest labels were recorded. */
  get times(): readonly string[] {
    return this.#times;
  }

  /** The questions of a trial in its order, with the labels given before. */
  questions({ position, firstQuestion }: StoredTrial): RatingTrial['questions'] {
    const rest = questionIds.filter((id) => id !== firstQuestion);
    return [firstQuestion, ...rest].map((id) => ({ id, score: this.score(position, id) }));
  }
}

const keyOf = (position: number, question: QuestionId) => `${position} ${question}`;
