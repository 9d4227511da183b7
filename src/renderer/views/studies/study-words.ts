import { type Question, tableOfQuestion } from '../../../shared/ratings/questions';
import {
  type RatingDesign,
  type raterStates,
  type StudyConfig,
  type StudyRecord,
} from '../../../shared/ratings/study';

interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly help: string;
}

export const displayChoices: readonly Choice<StudyConfig['display']>[] = [
  {
    value: 'grayscale',
    label: 'Grayscale',
    help: 'As in the paper: black to white, clipped at the 99th percentile',
  },
  { value: 'diverging', label: 'Diverging', help: 'Signed: blue, white at 0, red' },
];

export const orderChoices: readonly Choice<RatingDesign['questionOrder']>[] = [
  {
    value: 'by-trial',
    label: 'Alternating',
    help: 'Each first in an equal share of a rater’s trials',
  },
  { value: 'by-rater', label: 'By rater', help: 'Each first for an equal share of the raters' },
  { value: 'fixed', label: 'Fixed', help: 'Always in the order of the questions' },
];

/** 'Visual coherence (Table I)'; one without a title by its place. */
export function nameOfQuestion({ id, title }: Question, index: number): string {
  const name = title.trim() || `Rating question ${index + 1}`;
  const number = tableOfQuestion(id);
  return number === null ? name : `${name} (Table ${number})`;
}

/** A study's name, with its version where there is more than one. */
export function fullName(study: Pick<StudyRecord, 'name' | 'version'>): string {
  return study.version > 1 ? `${study.name}, version ${study.version}` : study.name;
}

export const raterStateHelp: Readonly<Record<(typeof raterStates)[number], string>> = {
  invited: 'Has not begun',
  rating: 'Has begun',
  finished: 'Has rated everything',
  withdrawn: 'Took consent back: counts nowhere',
};
