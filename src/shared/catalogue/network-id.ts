import { z } from 'zod';

const accepted =
  'the id of a network: up to 64 small letters, digits, hyphens and underscores, a letter first';

/** A network by its id. Which ids there are is the catalogue's to know, not the contract's. */
export const networkIdSchema = z.string(accepted).regex(/^[a-z][a-z0-9_-]{0,63}$/, accepted);
