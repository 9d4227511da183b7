import { createHash } from 'node:crypto';
import { type RatersRepository } from './raters-repository';

/** What is stored of a link's token: whoever reads the database cannot open the link. */
export function linkTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The rater whose newest link has this token; null where there is none. */
export function raterOfToken(raters: Pick<RatersRepository, 'byToken'>, token: string) {
  return raters.byToken(linkTokenHash(token))?.id ?? null;
}
