import { z } from 'zod';

/** A file that a route makes, for the caller to save. */
export const exportFileSchema = z.object({
  name: z.string(),
  mime: z.string(),
  data: z.base64(),
});
export type ExportFile = z.infer<typeof exportFileSchema>;
