import { type App, type Log } from '../core/app';
import { appUrl, ratingUrl } from './protocol';
import { type StudioWindow } from './window';

/** The page that belongs in the window: raters see no other while annotator mode lasts. */
export const pageOf = (annotatorMode: boolean): string => (annotatorMode ? ratingUrl : appUrl);

export interface AnnotatorModeParts {
  readonly studio: Pick<App, 'subscribe'>;
  readonly window: Pick<StudioWindow, 'loadURL' | 'isDestroyed'>;
  /** Sets the menu, without what shows data while annotator mode lasts. */
  readonly setMenu: (annotatorMode: boolean) => void;
  readonly log: Log;
}

/** The window and the menu follow annotator mode. Answers with the way to stop. */
export function followAnnotatorMode(parts: AnnotatorModeParts): () => void {
  const { studio, window, setMenu, log } = parts;
  return studio.subscribe((event) => {
    if (event.type !== 'annotator.changed' || window.isDestroyed()) return;
    setMenu(event.active);
    window.loadURL(pageOf(event.active)).catch((error: unknown) => {
      log.error('the page did not load', { message: String(error) });
    });
  });
}
