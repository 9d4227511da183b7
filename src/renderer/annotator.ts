/**
 * Annotator mode has begun: this page is the researcher's and must leave. The server answers the
 * same address with the rating page from now on; the desktop shell changes its window by itself.
 */
export function leaveForAnnotators(
  place: Pick<Location, 'assign'> = window.location,
  desktop: boolean = window.studio !== undefined,
): void {
  if (!desktop) place.assign('/');
}
