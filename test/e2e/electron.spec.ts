import { _electron as electron, expect, test } from '@playwright/test';
import { binaryObstacle, electronBinary, electronObstacle } from '../../scripts/setup/electron.mjs';
import { installedFiles } from '../../src/main/core/storage/installed-files';
import { freshFolder } from './support/workspace';

const { root } = installedFiles();

/** Electron's binary, or why it cannot run here. */
function findElectron(): { binary: string } | { why: string } {
  const binary = electronBinary(root);
  if (binary === null) {
    return { why: 'Electron’s binary is not here: `npm start` fetches it where it can.' };
  }
  const { platform, env } = process;
  const desktop = { platform, env, user: process.getuid?.() };
  const why = electronObstacle(desktop) ?? binaryObstacle(binary, desktop);
  return why === null ? { binary } : { why: `Electron cannot run here: ${why}.` };
}

test('the desktop shell: one confined window on the real application', async () => {
  const found = findElectron();
  if ('why' in found) console.log(`      skipped: ${found.why}`);
  test.skip('why' in found, 'why' in found ? found.why : '');
  if ('why' in found) return;

  const data = freshFolder('desktop');
  const app = await electron.launch({
    executablePath: found.binary,
    args: [root, '--data', data],
    cwd: root,
  });
  try {
    const page = await app.firstWindow();
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));

    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
    expect(page.url()).toMatch(/^studio:\/\/app\//);
    const strip = page.getByRole('region', { name: 'Jobs', exact: true });
    await expect(strip).toContainText(/TensorFlow on (CPU|CUDA)/, { timeout: 60_000 });
    await expect(page.getByRole('region', { name: 'Disk' })).toContainText(data);
    const reach = await page.evaluate(() => ({
      require: 'require' in window,
      process: 'process' in window,
      bridge: Object.keys(window.studio ?? {}).sort(),
    }));
    expect(reach).toEqual({ require: false, process: false, bridge: ['call', 'onEvent'] });

    for (const [key, title] of [
      ['d', 'Datasets'],
      ['m', 'Models'],
      ['a', 'Maps'],
      ['r', 'ROAR'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
    }
    expect(faults).toEqual([]);
    // Neither another page nor another window.
    await page.evaluate(() => window.open('https://example.org/'));
    await page.evaluate(() => window.location.assign('https://example.org/'));
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('ROAR');
    expect(page.url()).toMatch(/^studio:\/\/app\//);
    expect(app.windows()).toHaveLength(1);
  } finally {
    await app.close();
  }
});
