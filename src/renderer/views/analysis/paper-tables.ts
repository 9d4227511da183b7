import { z } from 'zod';
import coherence from '../../../../resources/paper/table-1.json';
import published from '../../../../resources/paper/datasets.json';
import edges from '../../../../resources/paper/table-2.json';
import { type QuestionId, ratingLabels } from '../../../shared/ratings/questions';

const tableSchema = z.object({
  question: z.string(),
  rows: z.array(z.object({ method: z.string(), cells: z.array(z.enum(ratingLabels)).length(3) })),
});

/** Under the names that the app has for them. */
const known = (printed: string) => {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[ _-]+/g, '');
  const found = published.datasets.find(({ name }) => plain(name) === plain(printed));
  return found ? [{ id: found.id, name: found.name }] : [];
};

/** The columns of Tables I and II in the paper's order. */
export const paperDatasets: readonly { readonly id: string; readonly name: string }[] =
  coherence.datasets.flatMap(known);

export interface PaperTable {
  /** The printed label; null where the paper has no such cell. */
  label(method: string, dataset: string): string | null;
}

function read(source: unknown): [QuestionId, PaperTable] {
  const table = tableSchema.parse(source);
  const rows = new Map(table.rows.map(({ method, cells }) => [method, cells]));
  const label: PaperTable['label'] = (method, dataset) =>
    rows.get(method)?.[paperDatasets.findIndex(({ id }) => id === dataset)] ?? null;
  return [table.question, { label }];
}

/** Tables I and II as the paper prints them, by their questions. */
export const paperTables: ReadonlyMap<QuestionId, PaperTable> = new Map([
  read(coherence),
  read(edges),
]);
