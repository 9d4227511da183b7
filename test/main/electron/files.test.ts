import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ipcGive, ipcPiece, ipcSave } from '../../../src/shared/channels';
import { createApp } from '../../../src/main/core/app';
import { connectFiles } from '../../../src/main/electron/files';
import { noEngine } from '../core/sessions/world';
import { temporaryFolder } from '../core/storage/helpers';
import { invocation, standInDialog, standInIpc } from './stand-in';

const ours = invocation('studio://app/index.html');
const csv =
  'study,dataset,image,method,question,rater,label\nPilot,MNIST,1,lime,visual-coherence,a,High\n';

/** The shell's part over the real application. */
async function connected() {
  const dataDir = temporaryFolder();
  const app = await createApp({ dataDir, shell: 'electron', startEngine: noEngine });
  onTestFinished(() => app.close());
  const { ipcMain, handlers } = standInIpc();
  const { dialog, saving } = standInDialog();
  const stop = connectFiles(app, { ipcMain, dialog, downloads: '/home/ada/Downloads' });
  const ask = async (channel: string, ...given: unknown[]): Promise<unknown> =>
    handlers.get(channel)?.(ours, ...given) as unknown;
  const work = () => readdirSync(join(dataDir, 'work'), { recursive: true }).map(String);
  return { app, ask, saving, stop, handlers, work, folder: temporaryFolder() };
}

test('a chosen file is read where it lies: nothing is copied, and it stays', async () => {
  const { app, ask, folder, work } = await connected();
  const path = join(folder, 'labels.csv');
  writeFileSync(path, csv);
  const given = await ask(ipcGive, path);
  expect(given).toMatchObject({ name: 'labels.csv', bytes: csv.length, sha256: null });
  const { upload } = given as { upload: string };
  expect(work().filter((name) => name.endsWith('.csv'))).toEqual([]);
  expect(await app.api.call('ratings.import', { upload })).toMatchObject({ added: 1 });
  expect(readFileSync(path, 'utf8')).toBe(csv);
});

test('what cannot be read is said, as data', async () => {
  const { ask, folder } = await connected();
  expect(await ask(ipcGive, join(folder, 'gone.csv'))).toMatchObject({
    error: { code: 'invalid-input', accepted: 'a file that can be read' },
  });
  expect(await ask(ipcGive, 7)).toMatchObject({ error: { code: 'invalid-input' } });
});

test('a file without a path comes in pieces', async () => {
  const { app, ask } = await connected();
  const { upload } = await app.api.call('uploads.begin', { name: 'a.csv', bytes: csv.length });
  expect(await ask(ipcPiece, upload, Buffer.from(csv.slice(0, 50)))).toBe(true);
  expect(await ask(ipcPiece, upload, Buffer.from(csv.slice(50)))).toBe(true);
  expect(await app.api.call('ratings.import', { upload })).toMatchObject({ added: 1 });
  // Why one was not taken is asked by the call that ends every upload.
  const short = await app.api.call('uploads.begin', { name: 'b.csv', bytes: 3 });
  expect(await ask(ipcPiece, short.upload, Buffer.from('long'))).toBe(false);
  await expect(app.api.call('uploads.get', short)).rejects.toThrow(/3 bytes that were announced/);
});

test('an exported file goes where the person says, whole, and once', async () => {
  const { app, ask, saving, folder, work } = await connected();
  const { upload } = await app.files.adopt(written(folder, csv));
  const { studies } = await app.api.call('ratings.import', { upload });
  const study = studies[0]?.id ?? '';
  const file = await app.api.call('ratings.export', { study });
  const target = written(folder, 'what was there before');
  saving.to = target;
  expect(await ask(ipcSave, file.file)).toEqual({ path: target });
  expect(saving.asked).toEqual([{ defaultPath: '/home/ada/Downloads/ratings-pilot-v1.csv' }]);
  expect(readFileSync(target, 'utf8')).toContain('Pilot,MNIST,1,lime');
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(await ask(ipcSave, file.file)).toMatchObject({ error: { code: 'not-found' } });

  saving.to = null;
  const again = await app.api.call('ratings.export', { study });
  expect(await ask(ipcSave, again.file)).toEqual({ path: null });
  expect(work().filter((name) => name.includes('export_'))).toEqual([]);
});

test('a place that cannot be written is named, and keeps what it had', async () => {
  const { app, ask, saving, folder } = await connected();
  const { upload } = await app.files.adopt(written(folder, csv));
  const { studies } = await app.api.call('ratings.import', { upload });
  const file = await app.api.call('ratings.export', { study: studies[0]?.id ?? '' });
  // A file where a folder is needed.
  saving.to = join(written(folder, csv), 'a.csv');
  const refused = {
    code: 'conflict',
    message: expect.stringContaining('where a folder is needed'),
  };
  expect(await ask(ipcSave, file.file)).toMatchObject({ error: refused });
  expect(existsSync(saving.to)).toBe(false);
});

test('other pages reach none of it, and nothing handles it once the shell stops', async () => {
  const { handlers, stop } = await connected();
  for (const channel of [ipcGive, ipcPiece, ipcSave]) {
    for (const sender of [invocation('https://example.org/'), invocation(null)]) {
      await expect(async () => handlers.get(channel)?.(sender, '/etc/passwd')).rejects.toThrow(
        'may not call',
      );
    }
  }
  stop();
  expect(handlers.size).toBe(0);
});

let files = 0;
function written(folder: string, content: string): string {
  files += 1;
  const path = join(folder, `${files}.csv`);
  writeFileSync(path, content);
  return path;
}
