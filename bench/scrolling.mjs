// @ts-check
/* global document, requestAnimationFrame -- inside the page */
/**
 * npm run bench -- scrolling [--images 1000] [--size 224] [--times 3] [--scale 1] [--step 60] [--profile FILE]
 *
 * Scrolls through the thumbnails of a dataset in the picker of the Maps view, so many CSS pixels a frame, and
 * prints every task of the page's main thread that took more than 50 ms: by the clock, and by the processor's
 * time alone, which others at work on this machine do not stretch. `--profile` walks once more before, with
 * Chromium's profiler, and keeps what it recorded (its performance panel reads it).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import sharp from 'sharp';
import { startStudio } from '../scripts/screenshots/shell.mjs';
import { ensureBrowser } from '../scripts/setup/browser.mjs';
import { createContext } from '../scripts/setup/context.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000' },
    size: { type: 'string', default: '224' },
    times: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    step: { type: 'string', default: '60' },
    profile: { type: 'string' },
  },
});
const [images = 0, size = 0, times = 0, scale = 0, step = 0] = [
  values.images,
  values.size,
  values.times,
  values.scale,
  values.step,
].map(Number);
const whole = [images, size, times, step].every((number) => Number.isInteger(number));
if (!(whole && images >= 10 && size >= 32 && size <= 512 && times >= 1 && step >= 1 && scale > 0)) {
  console.error('--images is at least 10, --size 32 to 512, --times and --step at least 1');
  process.exit(2);
}
const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** What the model sees of an image: its maps are not what is measured. */
const crop = 28;
/** Milliseconds that a task may take. */
const long = 50;

/** A gradient under a disc, another for each image.
 * @param {number} i */
function picture(i) {
  const hue = (i * 37) % 360;
  const [x, y] = [0.25 + (0.5 * ((i * 7) % 10)) / 9, 0.25 + (0.5 * ((i * 3) % 11)) / 10];
  return sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><linearGradient id="g"><stop offset="0" stop-color="hsl(${hue},60%,30%)"/><stop offset="1" stop-color="hsl(${hue + 90},70%,70%)"/></linearGradient><rect width="100%" height="100%" fill="url(#g)"/><circle cx="${size * x}" cy="${size * y}" r="${size / 5}" fill="hsl(${hue + 180},80%,50%)"/></svg>`,
    ),
  ).webp({ quality: 70, effort: 0 });
}

/** Some weights of the MNIST network for colour images of `crop` pixels, as safetensors. */
function weights() {
  const quarter = crop / 4;
  /** @type {[string, number[]][]} */
  const shapes = [
    ['conv1.weight', [32, 3, 3, 3]],
    ['conv1.bias', [32]],
    ['conv2.weight', [64, 32, 3, 3]],
    ['conv2.bias', [64]],
    ['linear1.weight', [128, 64 * quarter * quarter]],
    ['linear1.bias', [128]],
    ['linear2.weight', [10, 128]],
    ['linear2.bias', [10]],
  ];
  let at = 0;
  const head = Object.fromEntries(
    shapes.map(([name, shape]) => {
      const begin = at;
      at += 4 * shape.reduce((product, length) => product * length, 1);
      return [name, { dtype: 'F32', shape, data_offsets: [begin, at] }];
    }),
  );
  const header = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Float32Array.from({ length: at / 4 }, (_, i) => 0.05 * Math.sin(i));
  return Buffer.concat([length, header, Buffer.from(data.buffer)]);
}

const folder = mkdtempSync(join(tmpdir(), 'saliency-scrolling-'));
const data = join(folder, 'data');

/**
 * The studio's command line.
 * @param {...string} args
 */
function cli(...args) {
  const command = [join(root, 'out', 'main', 'cli.js'), ...args, '--data', data, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} failed (${status}): ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

async function prepare() {
  const pictures = join(folder, 'pictures');
  for (let i = 0; i < images + 10; i += 1) {
    const place = join(pictures, i < images ? 'train' : 'validation', `class ${i % 10}`);
    mkdirSync(place, { recursive: true });
    await picture(i).toFile(join(place, `${String(i).padStart(6, '0')}.webp`));
  }
  const file = join(folder, 'weights.safetensors');
  writeFileSync(file, weights());
  const named = ['--name', 'Thumbnails', '--size', String(size)];
  const { id } = cli('datasets', 'import', 'images', pictures, ...named);
  const model = ['--network', 'mnist-cnn', '--crop', String(crop)];
  cli('models', 'import', file, '--dataset', id, ...model);
}

/** @typedef {{ name: string, ph: string, pid: number, tid: number, dur?: number, tdur?: number,
 *   args?: { name?: string } }} TraceEvent */

/**
 * Tasks of the page's main thread, in milliseconds. Other pages' main threads have next to none.
 * @param {Buffer} recorded
 */
function tasksOf(recorded) {
  /** @type {TraceEvent[]} */
  const events = JSON.parse(recorded.toString()).traceEvents;
  const threadOf = (/** @type {TraceEvent} */ { pid, tid }) => `${pid}/${tid}`;
  const mains = events.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const tasks = events.filter(({ name, ph }) => name === 'RunTask' && ph === 'X');
  const [busiest = []] = [...new Set(mains.map(threadOf))]
    .map((thread) => tasks.filter((task) => threadOf(task) === thread))
    .sort((one, other) => other.length - one.length);
  return busiest.map(({ dur = 0, tdur = 0 }) => ({ clock: dur / 1000, processor: tdur / 1000 }));
}

/** @param {import('@playwright/test').Browser} browser @param {string} url @param {boolean} keep */
async function scroll(browser, url, keep) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: scale,
  });
  const page = await context.newPage();
  let received = 0;
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => (received += Buffer.byteLength(payload))),
  );
  await page.goto(`${url}#/maps`);
  await page.getByLabel('Images from').selectOption({ label: 'Training split' });
  await page
    .locator('[data-test="maps-state"]')
    .getByText(/^\s*([1-9]\d*) of \1 maps/)
    .waitFor();
  await page.getByRole('button', { name: 'Pick …' }).click();
  const picker = page.getByRole('dialog', { name: 'Pick images' });
  await picker.getByRole('option', { name: /^Image 0,/ }).waitFor();
  await page.waitForTimeout(500);
  const before = received;
  await browser.startTracing(page, {
    categories: [
      'devtools.timeline',
      'disabled-by-default-devtools.timeline',
      ...(keep ? ['disabled-by-default-v8.cpu_profiler', 'loading', 'blink.user_timing'] : []),
    ],
  });
  const seen = await picker.getByRole('listbox').evaluate(async (element, by) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    /** @type {number[]} */
    const tasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
    let [frames, empty, elements] = [0, 0, 0];
    const began = performance.now();
    for (let top = 0; top + element.clientHeight < element.scrollHeight; top += by) {
      element.scrollTop = top;
      await frame();
      frames += 1;
      empty += element.querySelector('.blank') ? 1 : 0;
      elements = Math.max(elements, document.querySelectorAll('*').length);
    }
    const ms = performance.now() - began;
    element.scrollTop = element.scrollHeight;
    while (element.querySelector('.blank')) await frame();
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { tasks, frames, empty, elements, ms };
  }, step);
  const recorded = await browser.stopTracing();
  if (keep && values.profile !== undefined) writeFileSync(values.profile, recorded);
  const carried = received - before;
  await context.close();
  return { ...seen, carried, all: tasksOf(recorded) };
}

/** @param {number[]} list */
const most = (list) => Math.max(0, ...list).toFixed(1);

const context = createContext();
let browser = null;
let studio = null;
try {
  console.log(`${images} images of ${size} x ${size} pixels are made and imported.`);
  await prepare();
  studio = await startStudio(root, data);
  browser = await chromium.launch({
    executablePath: await ensureBrowser(context),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  // The profiler's own start is a long task.
  if (values.profile !== undefined) await scroll(browser, studio.url, true);
  for (let i = 0; i < times; i += 1) {
    const { tasks, frames, empty, elements, ms, carried, all } = await scroll(
      browser,
      studio.url,
      false,
    );
    const [clock, processor] = [
      all.filter((task) => task.clock > long),
      all.filter((task) => task.processor > long),
    ];
    console.log(
      [
        `\nWalk ${i + 1}: ${frames} frames in ${(ms / 1000).toFixed(1)} s, ${all.length} tasks`,
        `  over ${long} ms by the clock:            ${clock.length}, the longest ${most(all.map((task) => task.clock))} ms`,
        `  over ${long} ms of the processor's time: ${processor.length}, the longest ${most(all.map((task) => task.processor))} ms`,
        `  long tasks that the page itself saw:  ${tasks.length}`,
        `  elements of the page at most:         ${elements}`,
        `  frames with a thumbnail not there:    ${empty}`,
        `  received:                             ${(carried / 1e6).toFixed(1)} MB`,
      ].join('\n'),
    );
  }
} finally {
  await browser?.close();
  await studio?.stop();
  rmSync(folder, { recursive: true, force: true });
}
