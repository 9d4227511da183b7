import { type QuestionId, questionIds } from '../../../shared/ratings/questions';
import { type RatingTrial } from '../../../shared/ratings/rating-routes';
import { type StoredTrial } from '../storage/raters';
import { type GivenLabel } from '../storage/rating-events';

/** How far a rater is in the order that was drawn, from the labels that are stored. */
export class Progress {
  readonly trials: readonly StoredTrial[];
  readonly #scores = new Map<string, number>();

  constructor(trials: readonly StoredTrial[], given: readonly GivenLabel[]) {
    this.trials = trials;
    for (const { trial, question, score } of given) this.label(Number(trial), question, score);
  }

  /** Take account of a label that was just stored. */
  label(position: number, question: QuestionId, score: number): void {
    this.#scores.set(keyOf(position, question), score);
  }

  score(position: number, question: QuestionId): number | null {
    return this.#scores.get(keyOf(position, question)) ?? null;
  }

  /** Both questions have a label. */
  answered(position: number): boolean {
    return questionIds.every((question) => this.#scores.has(keyOf(position, question)));
  }

  get total(): number {
    return this.trials.length;
  }

  get done(): number {
    return this.trials.filter(({ position }) => this.answered(position)).length;
  }

  /** The first trial that is not answered in full; undefined after the last. */
  get current(): StoredTrial | undefined {
    return this.trials.find(({ position }) => !this.answered(position));
  }

  /** The trial after the first unanswered one, to be fetched ahead. */
  get next(): StoredTrial | undefined {
    const { current } = this;
    return current && this.trials[current.position + 1];
  }

  get practice(): number {
    return this.trials.filter(({ kind }) => kind === 'practice').length;
  }

  /** Labels still to be given. */
  get labelsLeft(): number {
    return this.trials.length * questionIds.length - this.#scores.size;
  }

  /** The questions of a trial in its order, with the labels given before. */
  questions({ position, firstQuestion }: StoredTrial): RatingTrial['questions'] {
    const rest = questionIds.filter((id) => id !== firstQuestion);
    return [firstQuestion, ...rest].map((id) => ({ id, score: this.score(position, id) }));
  }
}

const keyOf = (position: number, question: QuestionId) => `${position} ${question}`;
