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

/** No permission, no request that leaves this machine, and downloads through a save dialog. */
export function confineSession(session: GuardedSession, downloads: string): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
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
