import { z } from 'zod';
import { uploadIdSchema } from './ids';

/** The largest name that every file system takes, in characters of one byte. */
const longestName = 255;

/** A file's own name: no folder, nothing invisible. */
export const fileNameSchema = z
  .string()
  .max(longestName, `a name of at most ${longestName} characters`)
  .regex(/^(?!\.{1,2}$)[^/\\\p{Cc}]+$/u, 'the name of a file, without its folder');

/** A file that has arrived, for the routes that take its id. */
export const uploadSchema = z.object({
  upload: uploadIdSchema,
  name: fileNameSchema,
  bytes: z.int().positive(),
  /** Of what travelled; null for a file that is read where it lies. */
  sha256: z.string().nullable(),
});
export type Upload = z.infer<typeof uploadSchema>;

/** What names an upload, alone or in a larger input. */
export const uploadReferenceSchema = z.object({ upload: uploadIdSchema });

/**
 * Files go in by themselves, never inside a request: announced here, then sent (`PUT /files/ID` in a
 * browser, pieces over IPC in the desktop app, which needs none for a file that has a path). What
 * nobody used is deleted after an hour.
 */
export const uploadRoutes = {
  /** Throws `disk-full` where the file would not fit. */
  'uploads.begin': {
    input: z.object({
      name: fileNameSchema,
      bytes: z.int('a whole number').positive('a size above 0: an empty file holds nothing'),
    }),
    output: uploadReferenceSchema,
  },
  /** What has arrived. Throws the reason why it did not. */
  'uploads.get': { input: uploadReferenceSchema, output: uploadSchema },
  /** Give up a file that was sent or is being sent; it may be gone already. */
  'uploads.discard': { input: uploadReferenceSchema, output: z.object({}) },
} as const;
