/** IPC channel names, apart from the schemas so that the preload script stays a few lines. */
export const ipcCall = 'studio:call';
export const ipcEvent = 'studio:event';
export const ipcGive = 'studio:give';
export const ipcPiece = 'studio:piece';
export const ipcSave = 'studio:save';
