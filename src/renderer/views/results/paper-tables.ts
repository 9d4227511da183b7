import { z } from 'zod';
import coherence from '../../../../resources/paper/table-1.json';
import edges from '../../../../resources/paper/table-2.json';
import { type QuestionId, ratingLabels } from '../../../shared/ratings/questions';

const tableSchema = z.object({
  datasets: z.array(z.string()).length(3),
  rows: z.array(
    z.object({
      method: z.string(),
      name: z.string(),
      cells: z.array(z.enum(ratingLabels)).length(3),
    }),
  ),
});

/** The columns of Tables I and II by their ids here. */
const columnIds = ['mnist', 'cifar10', 'tiny-imagenet'] as const;

export interface PaperTable {
  /** In the paper's order and words. */
  readonly datasets: readonly { readonly id: string; readonly name: string }[];
  readonly methods: readonly { readonly id: string; readonly name: string }[];
  /** The printed label; null where the paper has no such cell. */
  label(method: string, dataset: string): string | null;
}

function read(source: unknown): PaperTable {
  const table = tableSchema.parse(source);
  const rows = new Map(table.rows.map(({ method, cells }) => [method, cells]));
  return {
    datasets: columnIds.map((id, i) => ({ id, name: table.datasets[i] ?? id })),
    methods: table.rows.map(({ method, name }) => ({ id: method, name })),
    label: (method, dataset) =>
      rows.get(method)?.[columnIds.findIndex((id) => id === dataset)] ?? null,
  };
}

/** Tables I and II as the paper prints them. */
export const paperTables: Readonly<Record<QuestionId, PaperTable>> = {
  'visual-coherence': read(coherence),
  'edge-differentiation': read(edges),
};
