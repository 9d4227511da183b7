// @ts-check
/**
 * npm run bench -- own-images [--images 100000] [--classes 100] [--large N] [--folder DIR] [--size 64]
 *
 * Makes JPEGs of about 500 x 375 pixels, each another, imports them by the command line into a data
 * directory of their own, and prints the rate and the most memory that all its processes had together.
 * `--large N` makes N files of 99 megapixels in their place (PNG, interlaced or not, with alpha or not;
 * JPEG, progressive or not, turned or not, CMYK; TIFF; WebP). `--folder` keeps the images, and takes those
 * that an earlier run kept there.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import sharp from 'sharp';
import { watchMemory } from './memory.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '100000' },
    classes: { type: 'string', default: '100' },
    large: { type: 'string', default: '0' },
    folder: { type: 'string' },
    size: { type: 'string', default: '64' },
  },
});
const [images = 0, classes = 0, large = 0] = [values.images, values.classes, values.large].map(
  Number,
);
if (!(images >= 4 * classes && classes >= 2 && large >= 0)) {
  console.error('--images is at least four times --classes, and --classes at least 2');
  process.exit(2);
}
sharp.cache(false);

/**
 * Coarse noise made smooth under fine noise: what JPEG and resizing have to do is as with photographs.
 * @param {number} seed
 */
async function picture(seed) {
  const random = xoroshiro128plus(seed);
  /** @param {number} count */
  const bytes = (count) =>
    Buffer.from(Array.from({ length: count }, () => uniformInt(random, 0, 255)));
  const long = 480 + 20 * (seed % 3);
  const [width, height] = seed % 3 === 0 ? [(3 * long) / 4, long] : [long, (3 * long) / 4];
  const grain = await sharp(bytes(64 * 64 * 3), { raw: { width: 64, height: 64, channels: 3 } })
    .resize(width, height, { fit: 'cover', kernel: 'nearest' })
    .blur(0.6)
    .ensureAlpha(0.25)
    .raw()
    .toBuffer();
  return sharp(bytes(12 * 9 * 3), { raw: { width: 12, height: 9, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .composite([{ input: grain, raw: { width, height, channels: 4 } }])
    .jpeg({ quality: 88 });
}

/** Every way in which an image of 99 megapixels may have to be held. */
const kinds = {
  'plain.png': (/** @type {import('sharp').Sharp} */ image) => image.png({ compressionLevel: 1 }),
  'plain.jpg': (/** @type {import('sharp').Sharp} */ image) => image.jpeg({ quality: 90 }),
  'alpha.png': (/** @type {import('sharp').Sharp} */ image) =>
    image.ensureAlpha(0.5).png({ compressionLevel: 1 }),
  'turned.jpg': (/** @type {import('sharp').Sharp} */ image) =>
    image.withMetadata({ orientation: 6 }).jpeg(),
  'interlaced.png': (/** @type {import('sharp').Sharp} */ image) =>
    image.png({ compressionLevel: 1, progressive: true }),
  'progressive.jpg': (/** @type {import('sharp').Sharp} */ image) =>
    image.jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'cmyk.jpg': (/** @type {import('sharp').Sharp} */ image) => image.toColourspace('cmyk').jpeg(),
  'lzw.tif': (/** @type {import('sharp').Sharp} */ image) => image.tiff({ compression: 'lzw' }),
  'lossy.webp': (/** @type {import('sharp').Sharp} */ image) =>
    image.webp({ quality: 60, effort: 0 }),
};

/** @param {string} folder */
async function makeLarge(folder) {
  const [width, height] = [11_000, 9000];
  const raw = Buffer.alloc(width * height * 3);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      raw[at++] = (3 * x + y) & 255;
      raw[at++] = ((x >> 3) ^ (y >> 2)) & 255;
      raw[at++] = ((x * y) >> 10) & 255;
    }
  }
  const names = Object.entries(kinds);
  for (let i = 0; i < large; i += 1) {
    const [name, write] = names[i % names.length] ?? [];
    if (!name || !write) continue;
    const target = join(folder, i % 2 ? 'odd' : 'even', `${String(i).padStart(3, '0')}-${name}`);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    const image = sharp(raw, { raw: { width, height, channels: 3 }, limitInputPixels: false });
    await write(image).toFile(target);
  }
}

/** @param {string} folder */
async function makeMany(folder) {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < images; i = next++) {
      const target = join(folder, `class-${i % classes}`, `${String(i).padStart(7, '0')}.jpg`);
      if (existsSync(target)) continue;
      mkdirSync(dirname(target), { recursive: true });
      await (await picture(i)).toFile(target);
      if (i % 10_000 === 9999) console.log(`${i + 1} images are made.`);
    }
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, worker));
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const home = mkdtempSync(join(tmpdir(), 'own-images-'));
try {
  const folder = values.folder ?? join(home, 'images');
  mkdirSync(folder, { recursive: true });
  await (large > 0 ? makeLarge(folder) : makeMany(folder));
  const count = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length;
  const what = large > 0 ? 'images of 99 megapixels' : 'images of about 500 x 375';
  console.log(`${count} ${what} are there. Importing them.`);
  const argv = [join(root, 'out', 'main', 'cli.js'), 'datasets', 'import', 'images', folder];
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [...argv, '--name', 'Many', '--size', values.size, '--json', '--data', join(home, 'data')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  const memory = watchMemory(child.pid ?? 0);
  child.stdout?.on('data', (chunk) => (output += String(chunk)));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const held = memory.end();
  const seconds = (performance.now() - startedAt) / 1000;
  if (code !== 0) throw new Error(`the import ended with ${code}`);
  const { refused } = JSON.parse(output);
  console.log(
    `${count} images in ${seconds.toFixed(1)} s, ${(count / seconds).toFixed(1)} a second, start and end included; ${refused.length} refused.`,
  );
  console.log(held);
} finally {
  rmSync(home, { recursive: true, force: true });
}
