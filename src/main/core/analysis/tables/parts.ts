import { fixed } from '../../../../shared/format/numbers';
import { type StudyResults } from '../../../../shared/ratings/results';
import { columns, numeric, type Table } from '../../export/text/table';
import {
  againstNames,
  agreementNames,
  correlationNames,
  datasetName,
  estimateText,
  kappaNotes,
  questionTitle,
  shownAgreement,
  shownCorrelations,
} from './tables';

/** A table of a study's statistics under its heading, whatever the format. */
export interface TablePart {
  readonly id: string;
  readonly title: string;
  readonly table: Table & { readonly notes: readonly string[] };
}

const none = '–';
const estimate = { title: 'Value', titleAlone: 'Value [95% interval]' };

/** Null where there is nothing to say of agreement. */
export function agreementPart(results: StudyResults): TablePart | null {
  const { rows, gaps } = shownAgreement(results);
  const notes = [...gaps, ...kappaNotes(results)];
  if (rows.length + notes.length === 0) return null;
  return {
    id: 'agreement',
    title: 'Agreement between raters',
    table: {
      caption: 'Agreement within each question and dataset, with 95% intervals',
      columns: [...columns('Question', 'Dataset', 'Statistic'), estimate],
      rows: rows.map(({ question, dataset, statistic, value, low, high }) => [
        questionTitle(results, question),
        datasetName(results, dataset),
        agreementNames[statistic],
        estimateText(value, low, high),
      ]),
      notes,
    },
  };
}

/** Null where no test was made. */
export function friedmanPart(results: StudyResults): TablePart | null {
  if (results.friedman.length === 0) return null;
  return {
    id: 'friedman',
    title: 'Do the methods differ?',
    table: {
      caption:
        'Friedman’s test within each dataset: treatments are methods, blocks images, values the raters’ means',
      columns: [
        ...columns('Question', 'Dataset'),
        ...['Q', 'Degrees', 'p'].map(numeric),
        ...columns('What it says'),
      ],
      rows: results.friedman.map(({ question, dataset, statistic, degrees, p, sentence }) => [
        questionTitle(results, question),
        datasetName(results, dataset),
        statistic === null ? none : fixed(statistic),
        degrees === null ? none : String(degrees),
        p === null ? none : fixed(p),
        sentence,
      ]),
      notes: [],
    },
  };
}

/** Null where there is nothing to say of correlations. */
export function correlationPart(results: StudyResults): TablePart | null {
  const { rows, gaps } = shownCorrelations(results);
  if (rows.length + gaps.length === 0) return null;
  return {
    id: 'correlation',
    title: 'Correlation over methods',
    table: {
      caption: 'Mean scores against ROAR’s advantage and against each other, with 95% intervals',
      columns: [
        ...columns('Scores', 'Against', 'Dataset', 'Statistic'),
        estimate,
        ...['p', 'n'].map(numeric),
      ],
      rows: rows.map(({ question, against, dataset, statistic, value, low, high, p, n }) => [
        questionTitle(results, question),
        againstNames[against],
        datasetName(results, dataset),
        correlationNames[statistic],
        estimateText(value, low, high),
        p === null ? none : fixed(p),
        String(n),
      ]),
      notes: gaps,
    },
  };
}
