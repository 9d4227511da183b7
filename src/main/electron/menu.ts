import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  readonly developer: boolean;
  /** Raters are at this machine: nothing that shows data can be chosen. */
  readonly annotatorMode: boolean;
  readonly showData: () => void;
  readonly showLog: () => void;
}

/** The standard menus, by role, so that each platform words and binds them its own way. */
export function menuTemplate(
  platform: NodeJS.Platform,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const mac: MenuItemConstructorOptions[] = platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  const enabled = !actions.annotatorMode;
  const developer: MenuItemConstructorOptions[] = actions.developer
    ? [{ role: 'reload' }, { role: 'toggleDevTools', enabled }, { type: 'separator' }]
    : [];
  return [
    ...mac,
    {
      label: '&File',
      submenu: [
        { label: 'Show &Data Folder', click: actions.showData, enabled },
        { label: 'Show &Log', click: actions.showLog, enabled },
        { type: 'separator' },
        platform === 'darwin' ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        ...developer,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ];
}
