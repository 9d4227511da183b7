import { type Question, tableOfQuestion } from '../../../shared/ratings/questions';
import { type raterStates, type StudyRecord } from '../../../shared/ratings/study';

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
