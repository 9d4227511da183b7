import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Page } from '@playwright/test';
import { enlarged } from '../main/core/studies/archive/enlarged';
import { connect } from './support/api';
import { expectAccessible } from './support/axe';
import { expect, test } from './support/fixtures';
import { useStudio } from './support/studio';
import { freshFolder } from './support/workspace';

const studio = useStudio({ engine: false });

/** Files of what is in transit, on the server's disk. */
const inTransit = () =>
  readdirSync(join(studio.data, 'work'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

/** How fast the page may send, in bytes a second; -1: as fast as it can. */
async function throttle(page: Page, uploadThroughput: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput },
  });
}

/** The archive of a study that is here no more, as a file larger than any request. */
async function largeStudy(): Promise<string> {
  const api = await connect(studio.url);
  const header = 'study,dataset,image,method,question,rater,label';
  const csv = `${header}\nFrom afar,mnist,1,lime,visual-coherence,a,High\n`;
  const { studies } = await api.call('ratings.import', await api.send('labels.csv', csv));
  const study = studies[0]?.id ?? '';
  const archive = await api.fetch(await api.call('studies.export', { study }));
  await api.call('studies.remove', { study, ratings: true });
  api.close();
  const path = join(freshFolder('archives'), 'from-afar.zip');
  writeFileSync(path, await enlarged(archive, 66 * 2 ** 20));
  return path;
}

test('a study of more than 64 MiB is sent with progress, cancelled, sent again and imported', async ({
  page,
}) => {
  const path = await largeStudy();
  await page.goto(`${studio.url}#/studies`);
  await page.getByRole('button', { name: 'Import ratings or a study' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import' });
  await dialog.getByText('Study archive (ZIP)').click();
  await dialog.getByLabel('ZIP file').setInputFiles(path);
  await throttle(page, 4 * 2 ** 20);
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();

  const sending = dialog.getByRole('region', { name: 'Sending from-afar.zip' });
  await expect(sending).toContainText(/\d MiB of 66\.\d MiB/);
  await expect(sending).toContainText(/\d%.* MiB\/s .*\d+ s left/);
  const bar = sending.getByRole('progressbar', { name: 'Sending from-afar.zip' });
  await expect(bar).toHaveAttribute('aria-valuenow', /^[1-9]/);
  await expectAccessible(page, 'a file that is being sent');
  expect(inTransit()).toEqual(['from-afar.zip']);

  await sending.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog.getByRole('alert')).toContainText(
    'Sending from-afar.zip was cancelled. Nothing of it was kept.',
  );
  await expect(sending).toBeHidden();
  await expect.poll(inTransit).toEqual([]);

  await throttle(page, -1);
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('From afar', {
    timeout: 60_000,
  });
  await expect.poll(inTransit).toEqual([]);
});
