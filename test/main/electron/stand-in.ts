import { EventEmitter } from 'node:events';
import type {
  App,
  BrowserWindow,
  BrowserWindowConstructorOptions,
  Dialog,
  IpcMain,
  IpcMainInvokeEvent,
  MessageBoxOptions,
  Rectangle,
  SaveDialogOptions,
  Session,
  WebContents,
} from 'electron';
import { type GuardedSession } from '../../../src/main/electron/security';
import { type StudioWindow } from '../../../src/main/electron/window';

/** Stand-ins for the parts of Electron that the shell is given, typed by Electron's own types. */

/** An event as Electron hands it over, which says whether it was prevented. */
export function preventable<T extends object>(details: T) {
  let prevented = false;
  return {
    ...details,
    preventDefault: () => {
      prevented = true;
    },
    get defaultPrevented() {
      return prevented;
    },
  };
}

export class StandInWindow implements StudioWindow {
  static made: { options: BrowserWindowConstructorOptions; window: StandInWindow }[] = [];

  readonly events = new EventEmitter();
  readonly contentsEvents = new EventEmitter();
  readonly did: string[] = [];
  readonly sent: unknown[][] = [];
  openHandler: Parameters<WebContents['setWindowOpenHandler']>[0] | null = null;
  minimised = false;
  maximised = false;
  destroyed = false;
  title = '';
  bounds: Rectangle = { x: 10, y: 20, width: 1000, height: 800 };

  readonly webContents: StudioWindow['webContents'] = {
    on: this.contentsEvents.on.bind(this.contentsEvents) as unknown as WebContents['on'],
    setWindowOpenHandler: (handler) => {
      this.openHandler = handler;
    },
    send: (...message: unknown[]) => void this.sent.push(message),
    isDestroyed: () => this.destroyed,
    reload: () => void this.did.push('reload'),
  };

  readonly on = this.events.on.bind(this.events) as unknown as BrowserWindow['on'];
  readonly once = this.events.once.bind(this.events) as unknown as BrowserWindow['once'];

  constructor(options: BrowserWindowConstructorOptions) {
    StandInWindow.made.push({ options, window: this });
  }

  async loadURL(url: string) {
    this.did.push(`load ${url}`);
  }
  show() {
    this.did.push('show');
  }
  focus() {
    this.did.push('focus');
  }
  restore() {
    this.minimised = false;
    this.did.push('restore');
  }
  maximize() {
    this.maximised = true;
    this.did.push('maximise');
  }
  isMinimized() {
    return this.minimised;
  }
  isMaximized() {
    return this.maximised;
  }
  isDestroyed() {
    return this.destroyed;
  }
  getNormalBounds() {
    return this.bounds;
  }
  setTitle(title: string) {
    this.title = title;
  }
  setProgressBar(progress: number) {
    this.did.push(`progress ${progress}`);
  }
}

/** An Electron app that remembers what it was told and behaves as Electron does when it quits. */
export function standInApp(primary = true) {
  const events = new EventEmitter();
  const did: string[] = [];
  const app: Pick<App, 'on' | 'quit' | 'exit' | 'requestSingleInstanceLock'> = {
    on: events.on.bind(events) as unknown as App['on'],
    quit() {
      const event = preventable({});
      events.emit('before-quit', event);
      did.push(event.defaultPrevented ? 'held back' : 'quit');
    },
    exit: (code) => void did.push(`exit ${code ?? 0}`),
    requestSingleInstanceLock: () => primary,
  };
  return { app, events, did };
}

/** A dialog whose message box stays open until it is answered; files go where `saving.to` says, null for a person who chooses not to. */
export function standInDialog() {
  const shown: MessageBoxOptions[] = [];
  let answer: (response: number) => void = () => undefined;
  const saving: { to: string | null; asked: SaveDialogOptions[] } = { to: null, asked: [] };
  const dialog: Pick<Dialog, 'showMessageBox' | 'showSaveDialog'> = {
    async showSaveDialog(...given: unknown[]) {
      saving.asked.push(given.at(-1) as SaveDialogOptions);
      return { canceled: saving.to === null, filePath: saving.to ?? '' };
    },
    showMessageBox: (...given: unknown[]) => {
      shown.push(given.at(-1) as MessageBoxOptions);
      return new Promise((resolve) => {
        answer = (response) => resolve({ response, checkboxChecked: false });
      });
    },
  };
  return { dialog, shown, saving, answer: (response: number) => answer(response) };
}

type Handler = Parameters<IpcMain['handle']>[1];

export function standInIpc() {
  const handlers = new Map<string, Handler>();
  const ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'> = {
    handle: (channel, handler) => void handlers.set(channel, handler),
    removeHandler: (channel) => void handlers.delete(channel),
  };
  return { ipcMain, handlers };
}

/** An invocation by a frame at this address; `inside` makes it a frame within another. */
export function invocation(url: string | null, inside = false): IpcMainInvokeEvent {
  const frame = url === null ? null : { url, parent: inside ? { url } : null };
  return { senderFrame: frame } as unknown as IpcMainInvokeEvent;
}

export function standInSession() {
  const events = new EventEmitter();
  const set: {
    request?: Parameters<Session['setPermissionRequestHandler']>[0];
    check?: Parameters<Session['setPermissionCheckHandler']>[0];
    device?: Parameters<Session['setDevicePermissionHandler']>[0];
    before?: (details: { url: string }, answer: (response: { cancel?: boolean }) => void) => void;
  } = {};
  const session: GuardedSession = {
    on: events.on.bind(events) as unknown as Session['on'],
    setPermissionRequestHandler: (handler) => {
      set.request = handler;
    },
    setPermissionCheckHandler: (handler) => {
      set.check = handler;
    },
    setDevicePermissionHandler: (handler) => {
      set.device = handler;
    },
    webRequest: {
      onBeforeRequest: (...given: unknown[]) => {
        set.before = given.at(-1) as NonNullable<typeof set.before>;
      },
    },
  };
  return { session, events, set };
}
