import { paperMethods } from '../../../shared/catalogue/methods';
import { nameKey } from '../../../shared/identifying-text';
import { ratingLabels } from '../../../shared/ratings/questions';
import { type PublishedTable } from '../export/publication';

/** The datasets that have a name here, in their order. */
export type DatasetNames = readonly { readonly id: string; readonly name: string }[];

/** Rows in the order of the paper's tables, then the study's others, then what else was rated. */
export function orderMethods(study: readonly string[], rated: Iterable<string>): string[] {
  return inOrder(
    paperMethods.map(({ id }) => id),
    study,
    rated,
  );
}

/** Columns likewise; ratings from elsewhere may spell a dataset in their own way. */
export function orderDatasets(
  datasets: DatasetNames,
  study: readonly string[],
  rated: Iterable<string>,
): string[] {
  const all = [...rated];
  const spellings = [...new Set([...study, ...all])].sort(naturalOrder);
  const known = datasets.flatMap(({ id }) => [
    id,
    ...spellings.filter((text) => text !== id && knownDatasetId(datasets, text) === id),
  ]);
  return inOrder(known, study, all);
}

function inOrder(paper: readonly string[], study: readonly string[], rated: Iterable<string>) {
  const found = new Set([...study, ...[...rated].sort(naturalOrder)]);
  const first = paper.filter((id) => found.has(id));
  return [...first, ...[...found].filter((id) => !paper.includes(id))];
}

/** 2 before 10, and the same everywhere. */
const collator = new Intl.Collator('en', { numeric: true });
export function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : Number(a > b));
}

export function datasetName(datasets: DatasetNames, id: string): string {
  return datasets.find((dataset) => dataset.id === id)?.name ?? id;
}

const plain = (name: string) => nameKey(name).replaceAll(/[ _-]+/g, '');

/** The known dataset that a spelling means, whatever its case, spaces and hyphens; null: none. */
export function knownDatasetId(datasets: DatasetNames, text: string): string | null {
  const found = datasets.find(({ id, name }) => [id, name].map(plain).includes(plain(text)));
  return found?.id ?? null;
}

/** The known dataset of each column of a printed table; null for one that is not known. */
export const columnsOf = (
  datasets: DatasetNames,
  table: PublishedTable,
): readonly (string | null)[] => table.datasets.map((text) => knownDatasetId(datasets, text));

/** The label that the paper prints; null where it has no such row or column. */
export function paperLabel(
  datasets: DatasetNames,
  table: PublishedTable,
  dataset: string,
  method: string,
) {
  const known = knownDatasetId(datasets, dataset);
  const column = known === null ? -1 : columnsOf(datasets, table).indexOf(known);
  return table.rows.find((row) => row.method === method)?.cells[column] ?? null;
}

/** Very Low .. Very High as 1 .. 5. */
export function scoreOf(label: (typeof ratingLabels)[number]): number {
  return ratingLabels.indexOf(label) + 1;
}
