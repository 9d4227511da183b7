import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { type Log } from '../core/app';
import { confineContents, type GuardedContents } from './security';
import { type WindowState } from './window-state';

/** The part of Electron's window that this shell uses. */
export type StudioWindow = Pick<
  BrowserWindow,
  | 'on'
  | 'once'
  | 'loadURL'
  | 'show'
  | 'focus'
  | 'restore'
  | 'maximize'
  | 'isMinimized'
  | 'isMaximized'
  | 'isDestroyed'
  | 'getNormalBounds'
  | 'setTitle'
  | 'setProgressBar'
> & {
  readonly webContents: GuardedContents &
    Pick<BrowserWindow['webContents'], 'send' | 'isDestroyed' | 'reload'>;
};

export type WindowMaker = new (options: BrowserWindowConstructorOptions) => StudioWindow;

export interface WindowOptions {
  readonly state: WindowState;
  readonly preload: string;
  /** The page to open with. */
  readonly url: string;
  readonly developer: boolean;
  readonly log: Log;
  readonly save: (state: WindowState) => void;
  /** The page ended unexpectedly and too often to be loaded again unasked. */
  readonly onCrashing: (reason: string) => void;
}

/** Crashes within a minute after which the page is not loaded again unasked. */
const patience = 3;

function windowOptions(options: WindowOptions): BrowserWindowConstructorOptions {
  const { x, y, width, height } = options.state;
  return {
    ...(x === undefined || y === undefined ? {} : { x, y }),
    width,
    height,
    minWidth: 480,
    minHeight: 360,
    show: false,
    title: 'Saliency Studio',
    webPreferences: {
      preload: options.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: options.developer,
    },
  };
}

/** Opens the one window, shown when it has something to show. */
export function openWindow(Window: WindowMaker, options: WindowOptions): StudioWindow {
  const window = new Window(windowOptions(options));
  confineContents(window.webContents);

  const remember = () =>
    options.save({ ...window.getNormalBounds(), maximised: window.isMaximized() });
  window.on('close', remember);
  window.once('ready-to-show', () => {
    if (options.state.maximised) window.maximize();
    window.show();
  });

  const crashes: number[] = [];
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit') return;
    options.log.error('the page ended', { reason: details.reason, code: details.exitCode });
    const now = performance.now();
    crashes.push(now);
    const recent = crashes.filter((time) => now - time < 60_000);
    if (recent.length < patience) window.webContents.reload();
    else options.onCrashing(details.reason);
  });
  window.on('unresponsive', () => options.log.warn('the page does not respond'));
  window.on('responsive', () => options.log.info('the page responds again'));

  window.loadURL(options.url).catch((error: unknown) => {
    options.log.error('the page did not load', { message: String(error) });
  });
  return window;
}

/** Bring the window to the front, from wherever it is. */
export function showWindow(window: StudioWindow): void {
  if (window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
