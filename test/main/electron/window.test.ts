import { beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/main/core/app';
import { confineContents, confineSession } from '../../../src/main/electron/security';
import { appUrl } from '../../../src/main/electron/protocol';
import { openWindow, showWindow } from '../../../src/main/electron/window';
import { menuTemplate } from '../../../src/main/electron/menu';
import {
  defaultWindowState,
  fitWindowState,
  type WindowState,
} from '../../../src/main/electron/window-state';
import { preventable, standInSession, StandInWindow } from './stand-in';

let saved: WindowState[];
let crashing: string[];
function open(state: WindowState = defaultWindowState, developer = false): StandInWindow {
  openWindow(StandInWindow, {
    state,
    preload: '/installed/preload.cjs',
    url: appUrl,
    developer,
    log: silentLog,
    save: (next) => saved.push(next),
    onCrashing: (reason) => crashing.push(reason),
  });
  const made = StandInWindow.made.at(-1);
  if (!made) throw new Error('no window was made');
  return made.window;
}
beforeEach(() => {
  saved = [];
  crashing = [];
  StandInWindow.made = [];
});

describe('the window', () => {
  test('is isolated, sandboxed and without Node', () => {
    open();
    expect(StandInWindow.made[0]?.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      preload: '/installed/preload.cjs',
      devTools: false,
    });
  });

  test('loads our page and shows it when it has something to show', () => {
    const window = open();
    expect(window.did).toEqual(['load studio://app/index.html']);
    window.events.emit('ready-to-show');
    expect(window.did.at(-1)).toBe('show');
  });

  test('opens as it was left and remembers how it is left', () => {
    const window = open({ x: 5, y: 6, width: 700, height: 500, maximised: true });
    expect(StandInWindow.made[0]?.options).toMatchObject({ x: 5, y: 6, width: 700, height: 500 });
    window.events.emit('ready-to-show');
    expect(window.did).toContain('maximise');
    window.events.emit('close', preventable({}));
    expect(saved).toEqual([{ x: 10, y: 20, width: 1000, height: 800, maximised: true }]);
  });

  test('comes to the front from wherever it is', () => {
    const window = open();
    window.minimised = true;
    showWindow(window);
    expect(window.did.slice(-3)).toEqual(['restore', 'show', 'focus']);
    window.destroyed = true;
    window.did.length = 0;
    showWindow(window);
    expect(window.did).toEqual([]);
  });

  test('loads its page again after a crash, and asks when it keeps crashing', () => {
    const window = open();
    const gone = (reason: string) =>
      window.contentsEvents.emit('render-process-gone', preventable({}), { reason, exitCode: 1 });
    gone('clean-exit');
    expect(window.did).not.toContain('reload');
    gone('crashed');
    gone('oom');
    expect(window.did.filter((what) => what === 'reload')).toHaveLength(2);
    expect(crashing).toEqual([]);
    gone('crashed');
    expect(window.did.filter((what) => what === 'reload')).toHaveLength(2);
    expect(crashing).toEqual(['crashed']);
  });
});

describe('the page stays where it is', () => {
  const foreign = [
    'https://example.org/',
    'http://127.0.0.1/',
    'file:///etc/passwd',
    'studio://other/index.html',
    'studio://app.evil.example/',
    'data:text/html,x',
    'javascript:alert(1)',
    'not an address',
  ];

  test.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])('%s', (name) => {
    const window = open();
    for (const url of foreign) {
      const event = preventable({ url });
      window.contentsEvents.emit(name, event);
      expect([url, event.defaultPrevented]).toEqual([url, true]);
    }
    const own = preventable({ url: 'studio://app/index.html#/roar' });
    window.contentsEvents.emit(name, own);
    expect(own.defaultPrevented).toBe(false);
  });

  test('no other window opens, not even of our own', () => {
    const window = new StandInWindow({});
    confineContents(window.webContents);
    const details = {
      url: 'studio://app/index.html',
      frameName: '',
      features: '',
      disposition: 'new-window' as const,
      referrer: { url: '', policy: 'default' as const },
    };
    expect(window.openHandler?.(details)).toEqual({ action: 'deny' });
  });

  test('no guest page is attached', () => {
    const window = open();
    const event = preventable({});
    window.contentsEvents.emit('will-attach-webview', event, {}, {});
    expect(event.defaultPrevented).toBe(true);
  });
});

describe('the session', () => {
  test('grants nothing but to write to the clipboard, and that to our page alone', () => {
    const { session, set } = standInSession();
    confineSession(session, '/downloads');
    const { webContents } = new StandInWindow({});
    const request = set.request as unknown as (
      contents: unknown,
      permission: string,
      answer: (granted: boolean) => void,
      details: { requestingUrl: string },
    ) => void;
    const check = set.check as unknown as (
      contents: unknown,
      permission: string,
      origin: string,
    ) => boolean;
    const asked = (permission: string, requestingUrl: string) => {
      const answers: boolean[] = [];
      request(webContents, permission, (granted) => answers.push(granted), { requestingUrl });
      answers.push(check(webContents, permission, requestingUrl));
      return answers;
    };
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read']) {
      expect(asked(permission, 'studio://app/index.html')).toEqual([false, false]);
    }
    expect(asked('clipboard-sanitized-write', 'studio://app/')).toEqual([true, true]);
    expect(asked('clipboard-sanitized-write', 'https://example.org/')).toEqual([false, false]);
    expect((set.device as unknown as () => boolean)()).toBe(false);
  });

  test.each([
    ['studio://app/assets/index.js', false],
    ['blob:studio://app/0-1', false],
    ['data:image/png;base64,AA', false],
    ['https://example.org/', true],
    ['http://127.0.0.1:9/', true],
    ['ws://127.0.0.1:9/', true],
    ['file:///etc/passwd', true],
    ['studio://other/', true],
  ])('a request for %s: refused is %s', (url, refused) => {
    const { session, set } = standInSession();
    confineSession(session, '/downloads');
    let cancelled: boolean | undefined;
    set.before?.({ url }, ({ cancel }) => {
      cancelled = cancel;
    });
    expect(cancelled).toBe(refused);
  });

  test('our page’s blobs are saved through a dialog, other downloads are not made', () => {
    const { session, events } = standInSession();
    confineSession(session, '/downloads');
    const offered: unknown[] = [];
    const item = (url: string) => ({
      getURL: () => url,
      getFilename: () => 'curves.csv',
      setSaveDialogOptions: (options: unknown) => void offered.push(options),
    });
    const own = preventable({});
    events.emit('will-download', own, item('blob:studio://app/1-2'));
    expect(own.defaultPrevented).toBe(false);
    expect(offered).toEqual([{ defaultPath: '/downloads/curves.csv' }]);
    for (const url of [
      'https://example.org/x',
      'blob:https://example.org/1',
      'data:text/plain,x',
    ]) {
      const event = preventable({});
      events.emit('will-download', event, item(url));
      expect(event.defaultPrevented).toBe(true);
    }
    expect(offered).toHaveLength(1);
  });
});

describe('the window’s state', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 };

  test('keeps a place that is on a screen, drops one that is not', () => {
    const state = { x: 100, y: 100, width: 800, height: 600, maximised: false };
    expect(fitWindowState(state, [screen])).toEqual(state);
    expect(fitWindowState({ ...state, x: 3000 }, [screen])).toEqual({
      width: 800,
      height: 600,
      maximised: false,
    });
    expect(fitWindowState({ ...state, y: -50 }, [screen])).not.toHaveProperty('y');
  });

  test('is no larger than the screens', () => {
    const state = { width: 9000, height: 9000, maximised: true };
    expect(fitWindowState(state, [screen])).toEqual({ width: 1920, height: 1080, maximised: true });
  });
});

describe('the menu', () => {
  const menu = (developer: boolean, annotatorMode = false) =>
    JSON.stringify(
      menuTemplate('linux', {
        developer,
        annotatorMode,
        showData: () => undefined,
        showLog: () => undefined,
      }),
    );

  test('has developer tools in an unpackaged app alone', () => {
    expect(menu(true)).toContain('toggleDevTools');
    expect(menu(false)).not.toContain('toggleDevTools');
    for (const role of ['quit', 'editMenu', 'zoomIn', 'windowMenu']) {
      expect(menu(false)).toContain(role);
    }
  });

  test('shows raters no data', () => {
    expect(menu(true)).not.toContain('"enabled":false');
    const disabled = menu(true, true).match(/\{[^{}]*"enabled":false[^{}]*\}/g) ?? [];
    expect(disabled).toHaveLength(3);
    expect(disabled.join()).toMatch(/Data.*Log.*toggleDevTools/);
  });
});
