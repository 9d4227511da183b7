import { type Method, paperMethods } from '../../../shared/catalogue/methods';
import { onDefaultScale, type QuestionId, ratingLabels } from '../../../shared/ratings/questions';
import {
  type AskedQuestion,
  type StudyResults,
  type TableCell,
} from '../../../shared/ratings/results';
import { paperDatasets, paperTables } from './paper-tables';

/** What stands beside our cells: the paper's label, ours without the filters, or nothing. */
export const references = ['paper', 'unfiltered', 'none'] as const;
export type Reference = (typeof references)[number];

export interface TableColumn {
  readonly id: string;
  readonly name: string;
  /** Whether the study has it; otherwise the paper alone does. */
  readonly ours: boolean;
  /** Whether there is something to set beside it. */
  readonly beside: boolean;
}

export interface TableRow {
  readonly id: string;
  readonly name: string;
}

export interface RowGroup {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly TableRow[];
}

export interface Comparison {
  readonly label: string;
  /** Its place on the scale; null where that is not known. */
  readonly score: number | null;
  /** Our median minus that of the reference, in steps of the scale; null where one is missing. */
  readonly steps: number | null;
}

/** Of a label as the paper prints it; null for any other text. */
function scoreOf(label: string): number | null {
  const at = ratingLabels.findIndex((known) => known.toLowerCase() === label.toLowerCase());
  return at < 0 ? null : at + 1;
}

/** Whether the paper's labels of a question can stand beside ours: it asks it, on the same scale. */
export const paperAsks = (question: AskedQuestion): boolean =>
  paperTables.has(question.id) && onDefaultScale(question);

/** Whether the paper has anything to say beside these results. */
export function hasPaper(results: StudyResults): boolean {
  return results.tables.some(({ paper }) => paper !== null);
}

/** The paper's datasets in its order (where it stands beside), then the others of the study. */
export function tableColumns(results: StudyResults, reference: Reference): TableColumn[] {
  const names = new Map(results.datasets.map(({ id, name }) => [id, name]));
  const known = paperDatasets
    .filter(({ id }) => reference === 'paper' || names.has(id))
    .map(({ id, name }) => ({
      id,
      name: names.get(id) ?? name,
      ours: names.has(id),
      beside: reference !== 'none',
    }));
  const others = results.datasets
    .filter(({ id }) => !paperDatasets.some((column) => column.id === id))
    .map(({ id, name }) => ({ id, name, ours: true, beside: reference === 'unfiltered' }));
  return [...known, ...others];
}

const groupTitles: Readonly<Record<Method['group'] | 'unknown', string>> = {
  individual: 'Individual methods',
  combination: 'Combinations',
  composed: 'Composed here',
  imported: 'Imported maps',
  control: 'Controls',
  unknown: 'From elsewhere',
};

/** Rows by the paper's groups and in its order; with the paper beside, its methods are all there. */
export function tableGroups(results: StudyResults, reference: Reference): RowGroup[] {
  const rows = results.methods.map(({ id, name, known }) => ({
    id,
    name,
    group: known?.group ?? ('unknown' as const),
  }));
  const missing =
    reference === 'paper'
      ? paperMethods.filter(({ id }) => !rows.some((row) => row.id === id))
      : [];
  const place = (id: string) => {
    const at = paperMethods.findIndex((method) => method.id === id);
    return at < 0 ? paperMethods.length : at;
  };
  const all = [...rows, ...missing].sort((a, b) => place(a.id) - place(b.id));
  return Object.entries(groupTitles).flatMap(([id, title]) => {
    const inside = all.filter(({ group }) => group === id);
    return inside.length > 0
      ? [{ id, title, rows: inside.map((row) => ({ id: row.id, name: row.name })) }]
      : [];
  });
}

/** Finds the cell of a question, dataset and method. */
export function cellFinder(
  results: StudyResults | null,
): (question: QuestionId, dataset: string, method: string) => TableCell | null {
  const cells = new Map(
    (results?.tables ?? []).map((cell) => [
      JSON.stringify([cell.question, cell.dataset, cell.method]),
      cell,
    ]),
  );
  return (question, dataset, method) =>
    cells.get(JSON.stringify([question, dataset, method])) ?? null;
}

/** What stands beside a cell, and by how many steps ours differs from it. */
export function compareCells(
  cell: TableCell | null,
  question: QuestionId,
  dataset: string,
  method: string,
  reference: Reference,
  whole: TableCell | null,
): Comparison | null {
  if (reference === 'none') return null;
  const label =
    reference === 'paper'
      ? (paperTables.get(question)?.label(method, dataset) ?? null)
      : (whole?.label ?? null);
  if (label === null) return null;
  const score = reference === 'paper' ? scoreOf(label) : (whole?.median ?? null);
  const here = cell?.median ?? null;
  return { label, score, steps: here === null || score === null ? null : here - score };
}
