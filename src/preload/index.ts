import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import { ipcCall, ipcEvent } from '../shared/channels';
import type { ReplyFrame, StudioBridge } from '../shared/wire';

/** All that the page can reach of Electron: one call and one stream of events. */
const bridge: StudioBridge = {
  call: (frame) => ipcRenderer.invoke(ipcCall, frame) as Promise<ReplyFrame>,
  onEvent(listener) {
    const receive = (_event: IpcRendererEvent, frame: ReplyFrame) => listener(frame);
    ipcRenderer.on(ipcEvent, receive);
    return () => void ipcRenderer.removeListener(ipcEvent, receive);
  },
};

contextBridge.exposeInMainWorld('studio', bridge);
