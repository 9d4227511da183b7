import { z } from 'zod';
import source from '../../../../resources/paper/datasets.json';

const datasetsSchema = z.object({
  datasets: z.array(z.object({ id: z.string(), name: z.string(), figure: z.int() })),
});

/** The paper's datasets, in the order of its figures. */
export const paperDatasets = datasetsSchema.parse(source).datasets;

/** The figure in which the paper shows a dataset's curves; null where it has none. */
export function paperFigure(dataset: string): string | null {
  const found = paperDatasets.find(({ id }) => id === dataset);
  return found ? `Fig. ${found.figure}` : null;
}
