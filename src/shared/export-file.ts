import { z } from 'zod';
import { exportIdSchema } from './ids';

/**
 * A file that a route made, for the caller to fetch once (`GET /files/ID` in a browser, a save
 * dialog in the desktop app) within an hour.
 */
export const exportFileSchema = z.object({
  name: z.string(),
  mime: z.string(),
  bytes: z.int().nonnegative(),
  file: exportIdSchema,
});
export type ExportFile = z.infer<typeof exportFileSchema>;
