import type { App as ElectronApp, Dialog } from 'electron';
import { type App, type Log } from '../core/app';
import { showWindow, type StudioWindow } from './window';

export interface LifecycleParts {
  readonly app: Pick<ElectronApp, 'on' | 'quit' | 'exit'>;
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  readonly studio: Pick<App, 'close'>;
  readonly log: Log;
  readonly window: StudioWindow;
  /** Milliseconds of parking after which it is said. */
  readonly patience?: number;
}

/** Focuses the window of the instance that runs already; answers whether this one may go on. */
export function claimSingleInstance(
  app: Pick<ElectronApp, 'requestSingleInstanceLock' | 'on' | 'quit'>,
  window: () => StudioWindow | null,
): boolean {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return false;
  }
  app.on('second-instance', () => {
    const open = window();
    if (open) showWindow(open);
  });
  return true;
}

/**
 * Quits only after the running job is parked safely: the first attempt to quit (the menu, the last
 * window's closing, a signal) is held back, the job parked and the database closed, then quits.
 */
export function manageLifecycle(parts: LifecycleParts): void {
  const { app, log } = parts;
  let state: 'running' | 'parking' | 'parked' = 'running';

  // While the job is parked its window stays, so that one sees why the app is still there.
  parts.window.on('close', (event) => {
    if (state === 'parked') return;
    event.preventDefault();
    app.quit();
  });

  app.on('before-quit', (event) => {
    if (state === 'parked') return;
    event.preventDefault();
    if (state === 'parking') return;
    state = 'parking';
    const told = tellOfParking(parts);
    const quit = () => {
      told.abort();
      state = 'parked';
      app.quit();
    };
    parts.studio.close().then(quit, (error: unknown) => {
      log.error('closing failed', { message: String(error) });
      quit();
    });
  });

  app.on('activate', () => showWindow(parts.window));
  app.on('window-all-closed', () => app.quit());
}

/** Says that the job is being parked once it takes longer than a moment; abort when it is. */
function tellOfParking(parts: LifecycleParts): AbortController {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    parts.window.setTitle('Saliency Studio: parking the running job…');
    parts.window.setProgressBar(2);
    void parts.dialog
      .showMessageBox({
        type: 'info',
        title: 'Saliency Studio',
        message: 'Parking the running job',
        detail:
          'It stops at a safe point and goes on from there at the next start. Quitting at once loses only the item under way.',
        buttons: ['Wait', 'Quit at once'],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
        signal: controller.signal,
      })
      .then(({ response }) => {
        if (response === 1 && !controller.signal.aborted) parts.app.exit(0);
      });
  }, parts.patience ?? 400);
  controller.signal.addEventListener('abort', () => clearTimeout(timer));
  return controller;
}
