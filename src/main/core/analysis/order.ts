import { paperMethods } from '../../../shared/catalogue/methods';
import { nameKey } from '../../../shared/identifying-text';
import { ratingLabels } from '../../../shared/ratings/questions';
import { type PublishedTable } from '../export/publication';

/** The paper's datasets in the order of its tables, with the names that its tables print. */
export const paperDatasets = [
  { id: 'mnist', name: 'MNIST', printed: 'MNIST' },
  { id: 'cifar10', name: 'CIFAR-10', printed: 'CIFAR10' },
  { id: 'tiny-imagenet', name: 'Tiny ImageNet', printed: 'Tiny ImageNet' },
] as const;

/** Rows in the order of the paper's tables, then the study's others, then what else was rated. */
export function orderMethods(study: readonly string[], rated: Iterable<string>): string[] {
  return inOrder(
    paperMethods.map(({ id }) => id),
    study,
    rated,
  );
}

/** Columns likewise; ratings from elsewhere may spell a dataset in their own way. */
export function orderDatasets(study: readonly string[], rated: Iterable<string>): string[] {
  const all = [...rated];
  const spellings = [...new Set([...study, ...all])].sort(naturally);
  const paper = paperDatasets.flatMap(({ id }) => [
    id,
    ...spellings.filter((text) => text !== id && paperDataset(text)?.id === id),
  ]);
  return inOrder(paper, study, all);
}

function inOrder(paper: readonly string[], study: readonly string[], rated: Iterable<string>) {
  const found = new Set([...study, ...[...rated].sort(naturally)]);
  const first = paper.filter((id) => found.has(id));
  return [...first, ...[...found].filter((id) => !paper.includes(id))];
}

/** 2 before 10, and the same everywhere. */
const collator = new Intl.Collator('en', { numeric: true });
export function naturally(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : Number(a > b));
}

export function datasetName(id: string): string {
  return paperDatasets.find((dataset) => dataset.id === id)?.name ?? id;
}

/** The paper's dataset of that id or name, whatever its case, spaces and hyphens. */
function paperDataset(text: string) {
  const plain = (name: string) => nameKey(name).replaceAll(/[ _-]+/g, '');
  return paperDatasets.find(({ id, name }) => [id, name].map(plain).includes(plain(text)));
}

/** Which of the paper's datasets a spelling means; null: none of them. */
export function paperDatasetId(text: string) {
  return paperDataset(text)?.id ?? null;
}

/** The label that the paper prints; null where it has no such row or column. */
export function paperLabel(table: PublishedTable, dataset: string, method: string) {
  const printed = paperDataset(dataset)?.printed;
  const column = table.datasets.findIndex((name) => name === printed);
  return table.rows.find((row) => row.method === method)?.cells[column] ?? null;
}

/** Very Low .. Very High as 1 .. 5. */
export function scoreOf(label: (typeof ratingLabels)[number]): number {
  return ratingLabels.indexOf(label) + 1;
}
