import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import { answerFrame } from '../../shared/answer';
import { ipcCall, ipcEvent } from '../../shared/channels';
import { type ReplyFrame } from '../../shared/wire';
import { type App } from '../core/app';
import { isAppUrl } from './protocol';

export interface IpcParts {
  readonly ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>;
  /** The contents of the windows that are open now. */
  readonly contents: () => Iterable<Pick<WebContents, 'send' | 'isDestroyed'>>;
}

/** Only the main frame of our own page may call. */
export function senderIsOurs(event: Pick<IpcMainInvokeEvent, 'senderFrame'>): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && isAppUrl(frame.url);
}

/** Calls in, events out. Answers with the way to stop. */
export function connectIpc(app: Pick<App, 'api' | 'subscribe'>, parts: IpcParts): () => void {
  parts.ipcMain.handle(ipcCall, async (event, received: unknown): Promise<ReplyFrame> => {
    if (!senderIsOurs(event)) throw new Error('This frame may not call Saliency Studio.');
    const reply = await answerFrame(app.api, received);
    if (!reply) throw new Error('This is not a request frame.');
    return reply;
  });
  const stop = app.subscribe((event) => {
    const frame: ReplyFrame = { type: 'event', event };
    for (const contents of parts.contents()) {
      if (!contents.isDestroyed()) contents.send(ipcEvent, frame);
    }
  });
  return () => {
    stop();
    parts.ipcMain.removeHandler(ipcCall);
  };
}
