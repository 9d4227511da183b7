import { z } from 'zod';
import { workplaceSchema } from '../../../../shared/machines';

/** Where jobs are done that begin from now on, and with how many threads an item. */
export const workSettingsSchema = z.object({
  workplace: workplaceSchema,
  /** Null: one a processor. */
  threads: z.int('from 1 to 256').min(1, 'from 1 to 256').max(256, 'from 1 to 256').nullable(),
});
export type WorkSettings = Readonly<z.infer<typeof workSettingsSchema>>;

export const usualWork: WorkSettings = { workplace: 'here', threads: null };
