import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CustomScheme, MenuItemConstructorOptions } from 'electron';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ipcCall, ipcEvent } from '../../../src/shared/channels';
import { silentLog } from '../../../src/main/core/app';
import { installedFiles } from '../../../src/main/core/storage/installed-files';
import { openDatabase } from '../../../src/main/core/storage/database';
import { StudiesRepository } from '../../../src/main/core/studies/studies-repository';
import { studyConfigSchema } from '../../../src/shared/ratings/study';
import {
  invocation,
  standInApp,
  standInDialog,
  standInIpc,
  standInSession,
  StandInWindow,
} from './stand-in';

/** The whole shell over the real application, on a stand-in for the electron module. */
const folder = mkdtempSync(join(tmpdir(), 'desktop-'));
const order: string[] = [];
const paths: Record<string, string> = {};
const schemes: CustomScheme[] = [];
const menus: MenuItemConstructorOptions[][] = [];
let answerScheme: ((request: Request) => Promise<Response>) | null = null;
const core = standInApp();
const ipc = standInIpc();
const box = standInDialog();
const { session } = standInSession();
const errors: string[] = [];

vi.mock('electron', () => ({
  app: {
    ...core.app,
    isPackaged: true,
    setPath: (name: string, path: string) => void (paths[name] = path),
    getPath: (name: string) => join(folder, name),
    enableSandbox: () => order.push('sandbox'),
    whenReady: async () => void order.push('ready'),
  },
  BrowserWindow: StandInWindow,
  dialog: {
    ...box.dialog,
    showErrorBox: (_title: string, message: string) => errors.push(message),
  },
  ipcMain: ipc.ipcMain,
  Menu: {
    buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
    setApplicationMenu: (template: MenuItemConstructorOptions[]) => menus.push(template),
  },
  protocol: {
    registerSchemesAsPrivileged: (given: CustomScheme[]) => {
      order.push('scheme');
      schemes.push(...given);
    },
    handle: (_scheme: string, handler: typeof answerScheme) => {
      answerScheme = handler;
    },
  },
  screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
  session: { defaultSession: session },
  shell: {},
}));
vi.mock('../../../src/main/electron/log', () => ({
  fileLog: () => silentLog,
  logPath: () => join(folder, 'log'),
}));

const argv = process.argv;
beforeAll(async () => {
  process.argv = ['electron', '.', '--data', folder, '--no-engine'];
  await import('../../../src/main/electron/main');
  await vi.waitUntil(() => StandInWindow.made.length + errors.length > 0, { timeout: 20_000 });
  expect(errors).toEqual([]);
});
afterAll(() => {
  process.argv = argv;
  rmSync(folder, { recursive: true, force: true });
});

const window = () => {
  const made = StandInWindow.made[0];
  if (!made) throw new Error('no window was made');
  return made.window;
};
const call = async (route: string, input: unknown): Promise<unknown> =>
  ipc.handlers.get(ipcCall)?.(invocation('studio://app/index.html'), {
    type: 'call',
    id: 1,
    route,
    input,
  }) as unknown;

test('the scheme and the sandbox are set before the app is ready', () => {
  expect(order).toEqual(['scheme', 'sandbox', 'ready']);
  expect(schemes[0]?.scheme).toBe('studio');
  expect(paths.userData).toBe(join(folder, 'desktop'));
});

test('one window opens on our page, with the preload script and without developer tools', () => {
  expect(StandInWindow.made).toHaveLength(1);
  expect(window().did[0]).toBe('load studio://app/index.html');
  expect(StandInWindow.made[0]?.options.webPreferences).toMatchObject({
    preload: expect.stringMatching(/out.preload.index\.cjs$/) as string,
    sandbox: true,
    devTools: false,
  });
  expect(JSON.stringify(menus)).not.toContain('toggleDevTools');
});

test('the app protocol answers', async () => {
  const answer = await answerScheme?.(new Request('studio://app/nothing.js'));
  expect(answer?.status).toBe(404);
});

test('calls reach the real application and its events reach the window', async () => {
  expect(await call('app.status', {})).toMatchObject({
    type: 'answer',
    output: { shell: 'electron', dataDir: folder },
  });
  await expect
    .poll(() => call('app.status', {}))
    .toMatchObject({ output: { engine: { state: 'unavailable' } } });
  const made = await call('methods.compose', {
    composition: 'integrate(smooth(guided))',
    name: 'Mine',
  });
  expect(made).toMatchObject({ type: 'answer', output: { group: 'composed' } });
  await call('datasets.list', {});
  for (const [channel] of window().sent) expect(channel).toBe(ipcEvent);
});

test('annotator mode shows the rating page and no data, until it ends', async () => {
  const { migrations } = installedFiles();
  const database = openDatabase({ path: join(folder, 'studio.sqlite'), migrations });
  new StudiesRepository(database).insert({
    id: 'study_aaaaaaaaaaaaaaaa',
    name: 'A study',
    version: 1,
    previous: null,
    origin: 'designed',
    state: 'open',
    config: studyConfigSchema.parse({
      datasets: [{ dataset: 'mnist', model: 'model_aaaaaaaaaaaaaaaa' }],
    }),
    hash: null,
    job: null,
    revealedAt: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    closedAt: null,
  });
  database.close();

  expect(JSON.stringify(menus.at(-1))).not.toContain('"enabled":false');
  const begun = await call('annotator.begin', { study: 'study_aaaaaaaaaaaaaaaa' });
  expect(begun).toMatchObject({ type: 'answer' });
  expect(window().did.at(-1)).toBe('load studio://app/rating.html');
  expect(JSON.stringify(menus.at(-1))).toContain('"enabled":false');
  expect(window().sent.at(-1)?.[1]).toMatchObject({ event: { type: 'annotator.changed' } });
  expect(await call('roar.list', {})).toMatchObject({ error: { code: 'forbidden' } });
  const screen = { width: 1280, height: 800, pixelRatio: 1 };
  expect(await call('rating.open', { screen })).toMatchObject({ output: { phase: 'code' } });
  expect(await call('rating.end', {})).toMatchObject({ type: 'answer' });
  expect(window().did.at(-1)).toBe('load studio://app/index.html');
  expect(JSON.stringify(menus.at(-1))).not.toContain('"enabled":false');
  expect(await call('roar.list', {})).toMatchObject({ type: 'answer' });
});

test('quitting closes the application, then the window', async () => {
  core.app.quit();
  expect(core.did).toEqual(['held back']);
  await expect.poll(() => core.did, { timeout: 10_000 }).toEqual(['held back', 'quit']);
  expect(await call('roar.list', {})).toMatchObject({ type: 'failure' });
});
