import { contextBridge, ipcRenderer, type IpcRendererEvent, webUtils } from 'electron';
import { ipcCall, ipcEvent, ipcGive, ipcPiece, ipcSave } from '../shared/channels';
import type { Given, ReplyFrame, Saved, StudioBridge } from '../shared/wire';

/** All that the page can reach of Electron: calls, a stream of events, and files in and out. */
const bridge: StudioBridge = {
  call: (frame) => ipcRenderer.invoke(ipcCall, frame) as Promise<ReplyFrame>,
  onEvent(listener) {
    const receive = (_event: IpcRendererEvent, frame: ReplyFrame) => listener(frame);
    ipcRenderer.on(ipcEvent, receive);
    return () => void ipcRenderer.removeListener(ipcEvent, receive);
  },
  // The page hands over the file itself: a path that it made up would not be one.
  async give(file) {
    const path = webUtils.getPathForFile(file);
    return path === '' ? null : ((await ipcRenderer.invoke(ipcGive, path)) as Given);
  },
  piece: (upload, bytes) => ipcRenderer.invoke(ipcPiece, upload, bytes) as Promise<boolean>,
  save: (file) => ipcRenderer.invoke(ipcSave, file) as Promise<Saved>,
};

contextBridge.exposeInMainWorld('studio', bridge);
