import { type ErrorData } from '../../../shared/errors';
import { type QuestionId, questionOf, tableOfQuestion } from '../../../shared/ratings/questions';
import { type StudyResults, type TableCell } from '../../../shared/ratings/results';
import { counted, formatNumber } from '../../format';
import { paperDatasets } from './paper-tables';
import { type Comparison, type Reference } from './table-rows';

export const questionName = ({ questions }: StudyResults, id: QuestionId): string =>
  questionOf(questions, id).title;

/** The paper's name of a question's table; null where the paper has none. */
export function tableName(question: QuestionId): string | null {
  const number = tableOfQuestion(question);
  return number === null ? null : `Table ${number}`;
}

export const referenceNames: Readonly<Record<Exclude<Reference, 'none'>, string>> = {
  paper: 'Paper',
  unfiltered: 'Unfiltered',
};

/** A p value: three digits, and never 0. */
export function formatP(p: number | null): string {
  if (p === null) return '–';
  return p < 0.001 ? '< 0.001' : formatNumber(p);
}

/** 'ours is 2 steps higher', for those who do not see the arrow. */
export function stepsInWords(steps: number, reference: Exclude<Reference, 'none'>): string {
  const where = reference === 'paper' ? 'in the paper' : 'without the filters';
  if (steps === 0) return 'the same';
  return `${counted(Math.abs(steps), 'step')} ${steps > 0 ? 'higher' : 'lower'} than ${where}`;
}

/** A cell in words: what the pointer shows, for a screen reader. */
export function cellInWords(
  method: string,
  dataset: string,
  cell: TableCell,
  comparison: Comparison | null,
  reference: Reference,
): string {
  const parts = [`${method}, ${dataset}: ${cell.label ?? 'no label'}`];
  parts.push(`${counted(cell.n, 'rating')}, mean ${formatNumber(cell.mean, 2)}`);
  if (cell.low !== null && cell.high !== null) {
    parts.push(`95% interval ${formatNumber(cell.low, 2)} to ${formatNumber(cell.high, 2)}`);
  }
  parts.push(cell.alpha === null ? 'alpha not defined' : `alpha ${formatNumber(cell.alpha)}`);
  if (comparison && reference !== 'none') {
    parts.push(
      comparison.steps === null
        ? `${referenceNames[reference]}: ${comparison.label}`
        : `${referenceNames[reference]}: ${comparison.label}, ${stepsInWords(comparison.steps, reference)}`,
    );
  }
  return parts.join('; ');
}

/** A dataset of a statistic by its name; `pooled` and `all` are not datasets. */
export function datasetName(results: StudyResults, id: string): string {
  if (id === 'pooled') return 'Mean of the datasets';
  if (id === 'all') return 'All cells together';
  const known = [...results.datasets, ...paperDatasets].find((dataset) => dataset.id === id);
  return known?.name ?? id;
}

/** Why no attention check says anything of a rater; null where one does. */
export function whyNoChecks({ checks: { rated, judged } }: StudyResults): string | null {
  if (judged > 0) return null;
  return rated === 0
    ? 'No attention check was rated.'
    : `No attention check can be judged: ${counted(rated, 'check')} ${rated === 1 ? 'was' : 'were'} rated, but the labels that pass are not known here.`;
}

const filterLabels: Readonly<Record<string, string>> = {
  raters: 'Raters',
  images: 'Images',
  experience: 'Experience of raters',
  excludeFailedChecks: 'Leave out raters who failed checks',
  from: 'Rated from',
  to: 'Rated to',
};

/** A refused filter by the name that the page gives it; any other error as it is. */
export function inFilterWords(error: ErrorData): ErrorData {
  const { field = '', value = '', accepted } = error;
  const label = filterLabels[/(?:^|\.)filters\.(\w+)/.exec(field)?.[1] ?? ''];
  if (label === undefined || accepted === undefined) return error;
  return { ...error, message: `${label}: ${value} was refused; accepted: ${accepted}.` };
}
