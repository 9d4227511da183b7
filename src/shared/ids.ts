import { z } from 'zod';

/** Ids are a prefix that says what they name and 16 characters of lower-case base 32. */
const pattern = (prefix: string) => new RegExp(`^${prefix}_[a-z2-7]{16}$`);

export const modelIdSchema = z.string().regex(pattern('model'), 'a model id such as model_…');
export const jobIdSchema = z.string().regex(pattern('job'), 'a job id such as job_…');
export const runIdSchema = z.string().regex(pattern('run'), 'a run id such as run_…');

export const studyIdSchema = z.string().regex(pattern('study'), 'a study id such as study_…');
export const raterIdSchema = z.string().regex(pattern('rater'), 'a rater id such as rater_…');
export const sessionIdSchema = z
  .string()
  .regex(pattern('session'), 'a session id such as session_…');

export const experimentIdSchema = z
  .string()
  .regex(pattern('experiment'), 'an experiment id such as experiment_…');

export const uploadIdSchema = z.string().regex(pattern('upload'), 'an upload id such as upload_…');
export const exportIdSchema = z.string().regex(pattern('export'), 'an export id such as export_…');

export const idPrefixes = [
  'model',
  'job',
  'run',
  'study',
  'rater',
  'session',
  'experiment',
  'upload',
  'export',
] as const;
export type IdPrefix = (typeof idPrefixes)[number];

/** Makes an id that is new. */
export type NewId = (prefix: IdPrefix) => string;

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** A new id from 10 random bytes given by the caller (core owns the randomness). */
export function makeId(prefix: IdPrefix, bytes: Uint8Array): string {
  if (bytes.length < 10) throw new RangeError('makeId needs 10 random bytes');
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes.subarray(0, 10)) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      text += alphabet.charAt((buffer >>> (bits - 5)) & 31);
      bits -= 5;
      buffer &= (1 << bits) - 1;
    }
  }
  return `${prefix}_${text}`;
}
