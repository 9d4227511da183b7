import { onDefaultScale, ratingLabels } from '../../../../shared/ratings/questions';
import { type StudyResults, type TableCell } from '../../../../shared/ratings/results';
import { type Cell, csv } from '../../export/text/csv';
import { type QuestionTable, questionTables } from './tables';

/** How often each label of the default scale was given. */
const defaultCounts = ratingLabels.map(
  (label) => `n_${label.toLowerCase().replaceAll(/\W+/g, '_')}`,
);

/**
 * All tables, one cell a row; a cell without ratings has n = 0 and no figures. Counts by label are
 * those of the default scale, empty for a question on another one. Where there is such a question,
 * columns at the end hold every question's scale and its counts by score.
 */
export function tablesCsv(results: StudyResults): string {
  const tables = questionTables(results);
  const longest = Math.max(0, ...tables.map(({ labels }) => labels.length));
  const others = tables.some((table) => !onDefaultScale(table));
  const scores = Array.from({ length: others ? longest : 0 }, (_, i) => i);
  return csv(
    [
      'table',
      'question',
      'dataset',
      'method',
      'name',
      'label',
      'median',
      'mean',
      'mean_low',
      'mean_high',
      'n',
      ...defaultCounts,
      'alpha',
      'paper',
      ...(others ? ['scale', ...scores.map((score) => `n_${score + 1}`)] : []),
    ],
    tables.flatMap((table) =>
      table.rows.flatMap(({ id, name, cells }) =>
        results.datasets.map((dataset, column): Cell[] => {
          const cell = cells[column] ?? null;
          const { number, title, question, labels } = table;
          return [
            number ?? title,
            question,
            dataset.id,
            id,
            name,
            cell?.label ?? null,
            cell?.median ?? null,
            cell?.mean ?? null,
            cell?.low ?? null,
            cell?.high ?? null,
            cell?.n ?? 0,
            ...byDefaultLabel(table, cell),
            cell?.alpha ?? null,
            cell?.paper ?? null,
            ...(others ? [labels.join(' | ')] : []),
            ...scores.map((score) => (score < labels.length ? countOf(cell, score) : null)),
          ];
        }),
      ),
    ),
  );
}

const byDefaultLabel = (table: QuestionTable, cell: TableCell | null): (number | null)[] =>
  ratingLabels.map((_, i) => (onDefaultScale(table) ? countOf(cell, i) : null));

/** Nothing was rated where there is no cell. */
const countOf = (cell: TableCell | null, at: number): number => cell?.distribution[at] ?? 0;
