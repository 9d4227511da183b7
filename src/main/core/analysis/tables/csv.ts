import { type StudyResults } from '../../../../shared/ratings/results';
import { csv } from '../../export/text/csv';
import { questionTables } from './tables';

/** Both tables, one cell a row; a cell without ratings has n = 0 and no figures. */
export function tablesCsv(results: StudyResults): string {
  const counts = results.labels.map((label) => `n_${label.toLowerCase().replaceAll(/\W+/g, '_')}`);
  const none = results.labels.map(() => 0);
  return csv(
    [
      ...['table', 'question', 'dataset', 'method', 'name', 'label', 'median', 'mean'],
      ...['mean_low', 'mean_high', 'n', ...counts, 'alpha', 'paper'],
    ],
    questionTables(results).flatMap(({ number, question, rows }) =>
      rows.flatMap(({ id, name, cells }) =>
        results.datasets.map((dataset, column) => {
          const cell = cells[column];
          return [
            ...[number, question, dataset.id, id, name, cell?.label ?? null, cell?.median ?? null],
            ...[cell?.mean ?? null, cell?.low ?? null, cell?.high ?? null, cell?.n ?? 0],
            ...[...(cell?.distribution ?? none), cell?.alpha ?? null, cell?.paper ?? null],
          ];
        }),
      ),
    ),
  );
}
