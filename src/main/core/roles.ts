import { StudioError } from '../../shared/errors';
import { type Who } from './sessions/caller';

/** What a rater's page may ask for; everything else is the researcher's. */
export const isRatingRoute = (route: string): boolean => route.startsWith('rating.');

/**
 * Refuses (`forbidden`) what the role does not reach: annotators reach rating.* alone, and so does
 * everybody at this app while annotator mode lasts.
 */
export function checkRole(route: string, who: Who, annotatorMode: () => boolean): void {
  if (!isRatingRoute(route)) checkResearcher(who, annotatorMode);
}

/** Refuses (`forbidden`) whoever may only rate. */
export function checkResearcher(who: Who, annotatorMode: () => boolean): void {
  if (who.role === 'annotator') {
    throw new StudioError({
      code: 'forbidden',
      message: 'This browser was opened with a rater’s link, which serves for rating alone.',
    });
  }
  if (annotatorMode()) {
    throw new StudioError({
      code: 'forbidden',
      message: 'Annotator mode is on: end it on the rating page to come back to the app.',
    });
  }
}
