import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  readonly developer: boolean;
  readonly showData: () => void;
  readonly showLog: () => void;
}

/** The standard menus, by role, so that each platform words and binds them its own way. */
export function menuTemplate(
  platform: NodeJS.Platform,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const mac: MenuItemConstructorOptions[] = platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  const developer: MenuItemConstructorOptions[] = actions.developer
    ? [{ role: 'reload' }, { role: 'toggleDevTools' }, { type: 'separator' }]
    : [];
  return [
    ...mac,
    {
      label: '&File',
      submenu: [
        { label: 'Show &Data Folder', click: actions.showData },
        { label: 'Show &Log', click: actions.showLog },
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
