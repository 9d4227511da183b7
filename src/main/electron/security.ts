import type { Session, WebContents } from 'electron';
import { join } from 'node:path';
import { appOrigin, isAppUrl } from './protocol';

/** Schemes that a page of ours may load from. */
const loadable = /^(studio:\/\/app\/|blob:studio:\/\/app\/|data:|devtools:)/;

export type GuardedContents = Pick<WebContents, 'on' | 'setWindowOpenHandler'>;

/** Our page stays where it is: no other address, no other window, no guest page. */
export function confineContents(contents: GuardedContents): void {
  contents.on('will-navigate', (details) => {
    if (!isAppUrl(details.url)) details.preventDefault();
  });
  contents.on('will-frame-navigate', (details) => {
    if (!isAppUrl(details.url)) details.preventDefault();
  });
  contents.on('will-redirect', (details) => {
    if (!isAppUrl(details.url)) details.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

export type GuardedSession = Pick<
  Session,
  'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler' | 'on'
> & { readonly webRequest: Pick<Session['webRequest'], 'onBeforeRequest'> };

/** Writing text to the clipboard after a click: what the copy buttons need. */
const granted = 'clipboard-sanitized-write';

/**
 * No permission but to write to the clipboard, no request that leaves this machine, and downloads
 * through a save dialog.
 */
export function confineSession(session: GuardedSession, downloads: string): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(permission === granted && isAppUrl(requestingUrl)),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === granted && isAppUrl(origin),
  );
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !loadable.test(details.url) });
  });
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(`blob:${appOrigin}`)) {
      event.preventDefault();
      return;
    }
    item.setSaveDialogOptions({ defaultPath: join(downloads, item.getFilename()) });
  });
}
