import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Page } from '@playwright/test';
import sharp from 'sharp';
import { encodeSafetensors } from '../../src/engine/models/safetensors';
import { mnistCnn } from '../../src/shared/catalogue/networks';
import { expect, test } from './support/fixtures';
import { open } from './support/pages';
import { cli } from './support/process';
import { createStudio, type Studio } from './support/studio';
import { freshFolder } from './support/workspace';

const side = 224;
/** Of the training split; as many again would take twice as long, and show nothing else. */
const thumbnails = 300;
/** What the model sees of an image: its maps are made in no time. */
const crop = 28;
let studio: Studio;

/** Files of a few pictures: what a page carries is the same. */
async function writeImages(folder: string): Promise<void> {
  const pictures = await Promise.all(
    [20, 90, 160].map((red) =>
      sharp({
        create: { width: side, height: side, channels: 3, background: { r: red, g: 90, b: 200 } },
      })
        .png()
        .toBuffer(),
    ),
  );
  for (let i = 0; i < thumbnails + 8; i += 1) {
    const split = i < thumbnails ? 'train' : 'validation';
    const place = join(folder, split, i % 2 === 0 ? 'even' : 'odd');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `${String(i).padStart(4, '0')}.png`), pictures[i % 3] ?? '');
  }
}

/** Some weights: what they say of an image is no matter here. */
function writeWeights(path: string): void {
  const form = { inputShape: [crop, crop, 3], classes: 2, options: {} } as const;
  const tensors = new Map(
    mnistCnn.tensors(form).map(({ name, shape }) => {
      const length = shape.reduce((product, each) => product * each, 1);
      return [name, { shape, data: Float32Array.from({ length }, (_, i) => Math.sin(i) / 20) }];
    }),
  );
  writeFileSync(path, encodeSafetensors({ tensors, metadata: {} }));
}

test.beforeAll(async () => {
  const folder = freshFolder('large');
  const data = join(folder, 'data');
  await writeImages(join(folder, 'pictures'));
  writeWeights(join(folder, 'weights.safetensors'));
  const { id } = (await cli(
    data,
    ...['datasets', 'import', 'images', join(folder, 'pictures')],
    ...['--name', 'Large', '--size', String(side)],
  )) as { id: string };
  await cli(
    data,
    ...['models', 'import', join(folder, 'weights.safetensors'), '--dataset', id],
    ...['--network', mnistCnn.id, '--crop', String(crop)],
  );
  studio = createStudio(data, {});
  await studio.start();
});
test.afterAll(() => studio.stop());

/** What a page asks of its dataset's images, and how many bytes reach it. */
function listenTo(page: Page) {
  const asked: string[] = [];
  let bytes = 0;
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const { route, input } = JSON.parse(payload.toString());
      if (route === 'datasets.images') asked.push(JSON.stringify(input));
    });
    socket.on('framereceived', ({ payload }) => (bytes += Buffer.byteLength(payload)));
  });
  return { asked, received: () => bytes };
}

async function openPicker(page: Page) {
  await page.getByRole('button', { name: 'Pick …' }).click();
  const picker = page.getByRole('dialog', { name: 'Pick images' });
  await expect(picker.getByText(`${thumbnails} images`)).toBeVisible();
  await expect(picker.getByRole('option', { name: /^Image 0,/ })).toBeVisible();
  return picker;
}

for (const scale of [1, 2]) {
  test.describe(`on a screen of ${scale} ${scale === 1 ? 'pixel' : 'pixels'} a CSS pixel`, () => {
    test.use({ deviceScaleFactor: scale });

    test('thumbnails are made in sight alone, come once, and are sharp', async ({ page }) => {
      const wire = listenTo(page);
      await open(page, studio.url, '/maps');
      await page.getByLabel('Images from').selectOption({ label: 'Training split' });
      await expect(page.getByRole('img', { name: 'SmoothGrad map of image 0' })).toBeVisible();
      const before = wire.received();
      const picker = await openPicker(page);
      const options = picker.getByRole('option');
      const area = picker.getByRole('listbox', { name: 'Images' });

      // A screenful at a time, until what is in sight is there.
      for (let last = ''; ;) {
        await expect(picker.getByRole('option', { name: 'An image that is being' })).toHaveCount(0);
        expect(await options.count()).toBeLessThan(120);
        const now = (await options.last().getAttribute('aria-posinset')) ?? '';
        if (now === last) break;
        last = now;
        await area.evaluate((element) => element.scrollBy(0, element.clientHeight));
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
      }
      await expect(picker.getByRole('option', { name: /^Image 299,/ })).toBeVisible();

      const pictures = await picker.locator('canvas').evaluateAll((canvases) =>
        canvases.map((canvas) => {
          const { width, height } = canvas.getBoundingClientRect();
          const style = getComputedStyle(canvas).imageRendering;
          if (!(canvas instanceof HTMLCanvasElement)) throw new Error('no canvas');
          return [canvas.width / width, canvas.height / height, width, style].join();
        }),
      );
      expect([...new Set(pictures)]).toEqual([`${scale},${scale},64,pixelated`]);

      // Each piece is asked for once, at the size that it is shown at.
      expect(new Set(wire.asked).size).toBe(wire.asked.length);
      const pixels = thumbnails * (64 * scale) ** 2 * 3;
      expect(wire.received() - before).toBeGreaterThan(pixels);
      expect(wire.received() - before).toBeLessThan(pixels * 1.1);
      const once = wire.asked.length;
      await page.keyboard.press('Escape');
      await openPicker(page);
      await area.press('End');
      await expect(picker.getByRole('option', { name: /^Image 299,/ })).toBeVisible();
      expect(wire.asked).toHaveLength(once);
    });

    test('an image and its maps have whole squares of the screen for their pixels', async ({
      page,
    }) => {
      await open(page, studio.url, '/maps');
      const map = page.getByRole('img', { name: 'SmoothGrad map of image 0', exact: true });
      await expect(map).toBeVisible();
      await page.getByRole('button', { name: 'Look closer at SmoothGrad of image 0' }).click();
      const closer = page.getByRole('dialog', { name: 'SmoothGrad, image 0' });
      const enlarged = closer.getByRole('img', { name: 'SmoothGrad map of image 0, enlarged' });
      for (const canvas of [map, enlarged]) {
        const { width } = (await canvas.boundingBox()) ?? { width: 0 };
        expect((width * scale) / crop).toBe(Math.round((width * scale) / crop));
        await expect(canvas).toHaveCSS('image-rendering', 'pixelated');
      }
      const before = (await enlarged.boundingBox())?.width ?? 0;
      await page.keyboard.press('+');
      await expect.poll(async () => (await enlarged.boundingBox())?.width).toBeGreaterThan(before);
      // Both are moved by the arrow keys of one.
      const frames = closer.getByRole('region');
      await frames.last().focus();
      await page.keyboard.press('ArrowRight');
      const left = () => frames.evaluateAll((all) => all.map(({ scrollLeft }) => scrollLeft));
      await expect.poll(async () => new Set(await left()).size).toBe(1);
      await page.keyboard.press('0');
      await expect.poll(async () => (await enlarged.boundingBox())?.width).toBe(before);
    });
  });
}

test('the keyboard goes through the thumbnails, and keeps its place out of sight', async ({
  page,
}) => {
  await open(page, studio.url, '/maps');
  await page.getByLabel('Images from').selectOption({ label: 'Training split' });
  const picker = await openPicker(page);
  await picker.getByRole('button', { name: 'Clear' }).click();
  const option = (index: number) => picker.getByRole('option', { name: `Image ${index},` });
  const focused = () =>
    page.evaluate(() => document.activeElement?.querySelector('.visually-hidden')?.textContent);
  await option(0).focus();
  await page.keyboard.press('Space');
  await expect(option(0)).toHaveAttribute('aria-selected', 'true');
  for (const [key, name] of [
    ['ArrowRight', /^Image 2,|^Image 1,/],
    ['ArrowLeft', /^Image 0,/],
    ['End', /^Image 299,/],
    ['Home', /^Image 0,/],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(focused).toMatch(name);
  }
  await page.keyboard.press('ArrowDown');
  const beneath = await focused();
  await page.keyboard.press('Enter');
  await expect(picker.getByText('2 of at most 16 picked')).toBeVisible();
  const area = picker.getByRole('listbox', { name: 'Images' });
  await area.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect(option(299)).toBeVisible();
  await expect(option(0)).toHaveCount(0);
  expect(await focused()).toBe(beneath);
  await page.keyboard.press('ArrowUp');
  await expect.poll(focused).toMatch(/^Image 0,/);
  await expect(option(0)).toBeInViewport();
  await expect(option(0)).toHaveAttribute('aria-selected', 'true');
});
