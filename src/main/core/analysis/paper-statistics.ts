import { coherenceId, edgesId } from '../../../shared/ratings/questions';
import { type Correlation, type Friedman } from '../../../shared/ratings/results';
import { type PublishedTable } from '../export/publication';
import { correlationRows, type Pairing } from './correlation-rows';
import { inSentence, testWithSentence } from './friedman';
import { type DatasetNames, knownDatasetId, scoreOf } from './order';

function column(table: PublishedTable, at: number): number[] {
  return table.rows.flatMap(({ cells }) => {
    const label = cells[at];
    return label === undefined ? [] : [scoreOf(label)];
  });
}

/**
 * Coherence against edges on the paper's own two tables, labels as 1 to 5: within each dataset,
 * pooled, and over all 27 cells. There is no interval: a cell is one label.
 */
export function paperCorrelations(
  tables: readonly PublishedTable[],
  known: DatasetNames,
): Correlation[] {
  const coherence = tables.find(({ question }) => question === coherenceId);
  const edges = tables.find(({ question }) => question === edgesId);
  if (!coherence || !edges) return [];
  const pairings = coherence.datasets.map((printed, at): Pairing => ({
    dataset: knownDatasetId(known, printed) ?? printed,
    x: column(coherence, at),
    y: column(edges, edges.datasets.indexOf(printed)),
    resampledX: [],
    resampledY: [],
    missing: null,
    noInterval: 'The paper prints one label for each cell, which leaves nothing to resample.',
  }));
  return correlationRows({ question: coherenceId, against: edgesId }, pairings, 1);
}

/** Friedman's test on each of the paper's tables: treatments methods, blocks datasets. */
export function paperFriedman(tables: readonly PublishedTable[]): Friedman[] {
  return tables.map((table) => {
    const columns = table.datasets.map((_, at) => column(table, at));
    return testWithSentence(columns, {
      question: table.question,
      name: inSentence([], table.question),
      dataset: 'all',
      blocks: columns.length,
      treatments: table.rows.length,
      missing: 0,
      over: `over the ${columns.length} datasets of the paper`,
      limits: 'Three datasets cannot rank nine methods.',
    });
  });
}
