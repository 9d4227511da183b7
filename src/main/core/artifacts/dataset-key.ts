import { z } from 'zod';
import { datasetIdSchema } from '../../../shared/catalogue/datasets';

/** A dataset by its content, as it is stored. */
export const datasetKeySchema = z.object({
  dataset: datasetIdSchema,
  files: z.array(z.object({ name: z.string(), sha256: z.string() })),
});
export type StoredDatasetKey = z.output<typeof datasetKeySchema>;

/** The same, where it is only read. */
export interface DatasetContent {
  readonly dataset: StoredDatasetKey['dataset'];
  readonly files: readonly Readonly<StoredDatasetKey['files'][number]>[];
}
