import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  protocol,
  screen,
  session,
  shell,
} from 'electron';
import { toErrorData } from '../../shared/errors';
import { openApp } from '../core/open-app';
import { installedFiles } from '../core/storage/installed-files';
import { chooseDataPlace, type DataPlace, ownFilesOf } from '../core/storage/data-directory';
import { followAnnotatorMode, pageOf } from './annotator-mode';
import { connectFiles } from './files';
import { connectIpc } from './ipc';
import { claimSingleInstance, manageLifecycle } from './lifecycle';
import { fileLog, logPath } from './log';
import { menuTemplate } from './menu';
import { parseDesktopOptions } from './options';
import { appScheme, createAppProtocol, privileges } from './protocol';
import { confineContents, confineSession } from './security';
import { openWindow, type StudioWindow } from './window';
import { fitWindowState, readWindowState, writeWindowState } from './window-state';

const options = parseDesktopOptions(process.argv.slice(1));
let window: StudioWindow | null = null;

/** What is wrong with the data directory is said before anything is opened in it. */
function choosePlace(): DataPlace | null {
  try {
    return chooseDataPlace(options.data);
  } catch (error) {
    cannotStart(error);
    return null;
  }
}

function cannotStart(error: unknown): void {
  const { code, message } = toErrorData(error);
  dialog.showErrorBox('Saliency Studio cannot start', message);
  app.exit(code === 'invalid-input' ? 2 : 1);
}

/** Before the app is ready: its scheme, and its own profile in each data directory, so that there is
 * one instance per data directory. */
function prepare({ path }: DataPlace): void {
  protocol.registerSchemesAsPrivileged([privileges]);
  app.setPath('userData', join(ownFilesOf(path), 'desktop'));
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => confineContents(contents));
}

async function start(place: DataPlace): Promise<void> {
  await app.whenReady();
  const dataDir = place.path;
  const ownFiles = ownFilesOf(dataDir);
  const files = installedFiles(import.meta.url);
  const log = fileLog(ownFiles);
  const studio = await openApp({
    shell: 'electron',
    place,
    files,
    log,
    tensorflow: options.engine,
  });

  confineSession(session.defaultSession, app.getPath('downloads'));
  protocol.handle(appScheme, createAppProtocol(files.renderer));
  connectIpc(studio, { ipcMain, contents: () => (window ? [window.webContents] : []) });
  connectFiles(studio, { ipcMain, dialog, downloads: app.getPath('downloads') });
  const developer = !app.isPackaged;
  const setMenu = (annotatorMode: boolean) =>
    Menu.setApplicationMenu(
      Menu.buildFromTemplate(
        menuTemplate(process.platform, {
          developer,
          annotatorMode,
          showData: () => void shell.openPath(dataDir),
          showLog: () => shell.showItemInFolder(logPath(ownFiles)),
        }),
      ),
    );
  setMenu(studio.annotatorMode());

  const statePath = join(ownFiles, 'desktop', 'window.json');
  const opened = openWindow(BrowserWindow, {
    state: fitWindowState(
      readWindowState(statePath),
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    preload: files.preload,
    url: pageOf(studio.annotatorMode()),
    developer,
    log,
    save: (state) => writeWindowState(statePath, state),
    onCrashing: (reason) => void offerReload(opened, reason),
  });
  window = opened;
  followAnnotatorMode({ studio, window: opened, setMenu, log });
  manageLifecycle({ app, dialog, studio, log, window: opened });
}

async function offerReload(opened: StudioWindow, reason: string): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    title: 'Saliency Studio',
    message: 'The page keeps ending unexpectedly',
    detail: `Reason: ${reason}. A running job is not affected. The log says more.`,
    buttons: ['Load it again', 'Quit'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  if (response === 0) opened.webContents.reload();
  else app.quit();
}

const place = choosePlace();
if (place) {
  prepare(place);
  if (claimSingleInstance(app, () => window)) start(place).catch(cannotStart);
}
