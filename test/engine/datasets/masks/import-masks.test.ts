import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { imageRange } from '../../../../src/engine/datasets/image-store';
import { maskCounts, masksOf, verifyMasks } from '../../../../src/engine/datasets/masks/mask-store';
import { type Content } from '../../../../src/engine/datasets/images/content';
import { type Size } from '../../../../src/engine/datasets/masks/mask';
import { readDrawnMask } from '../../../../src/engine/datasets/masks/png';
import { readStored } from '../../../../src/engine/datasets/stored';
import { valueAt } from '../../../../src/shared/checked-reads';
import { masksFile, unpackMask } from '../../../../src/shared/dataset-masks';
import { imageNamesFile } from '../../../../src/shared/imported-images';
import { filesIn, ownFolder, pillowPixels, shapesFolder } from '../../../fixtures/own';
import { writeZipFile } from '../../../fixtures/tiny-imagenet';
import { temporary } from '../support';
import { folderOf, made, refusal } from '../images/support';

const masksFolder = path.join(ownFolder, 'masks');
const unmasked = { train: 96, validation: 40 };

async function bitsOf(outDir: string): Promise<unknown> {
  const all = Array.from({ length: 200 }, (_, i) => i);
  const [train, validation] = await Promise.all([
    masksOf(outDir, 'train', all),
    masksOf(outDir, 'validation', all),
  ]);
  return [...train, ...validation].map((bits) => bits && Buffer.from(bits).toString('hex'));
}

describe('the shapes', () => {
  test('every mask has the pixels that Pillow counts, of one bit, of 0 and 1, of 0 and 255', async () => {
    const masks = filesIn(masksFolder);
    expect(masks.size).toBe(136);
    for (const { path: image, mask_pixels: pixels } of pillowPixels) {
      const bytes = masks.get(image.replace('shapes/', '').replace(/\.[^./]+$/, '.png'));
      if (!bytes) continue;
      const { width, height } = await sharp(bytes).metadata();
      expect([image, await drawnIn(bytes, { width, height })]).toEqual([image, Number(pixels)]);
    }
  });

  test('that are large have their pixels in a file meanwhile, whatever lies in how many bits', async () => {
    const file = path.join(shapesFolder, '../masks/validation/disc/disc_00.png');
    const { width, height } = await sharp(file).metadata();
    const gray = await sharp(file).toColourspace('b-w').raw().toBuffer();
    const numbered = Uint16Array.from(gray, (value) => (value > 0 ? 3 : 0));
    const raw = { width, height, channels: 1 } as const;
    const kinds = [
      readFileSync(file),
      await sharp(numbered, { raw }).toColourspace('grey16').png().toBuffer(),
      await sharp(file).toColourspace('srgb').ensureAlpha().png({ progressive: true }).toBuffer(),
      await sharp(gray, { raw }).png({ palette: true }).toBuffer(),
    ];
    expect((await sharp(kinds[1]).metadata()).depth).toBe('ushort');
    const counts = new Set<number>();
    for (const bytes of kinds) {
      const place = path.join(temporary(), 'mask.png');
      writeFileSync(place, bytes);
      counts.add(await drawnIn(bytes, { width, height }));
      counts.add(await drawnIn(bytes, { width, height }, 0));
      counts.add(await drawnIn({ path: place }, { width, height }, 0));
    }
    expect(counts.size).toBe(1);
  });

  test('come with the masks of a list, of a folder, of an archive, and of what lies beside them', async () => {
    const list = await made(path.join(ownFolder, 'labels.csv'));
    expect(list.masks).toEqual(unmasked);
    expect(await maskCounts(list.outDir)).toEqual(unmasked);
    const folder = await made(shapesFolder, { masks: masksFolder });
    const zip = await writeZipFile(path.join(temporary(), 'masks.zip'), filesIn(masksFolder));
    const archive = await made(shapesFolder, { masks: zip });
    const files = new Map<string, Buffer>();
    for (const [name, bytes] of filesIn(shapesFolder)) files.set(`shapes/${name}`, bytes);
    for (const [name, bytes] of filesIn(masksFolder)) files.set(`masks/${name}`, bytes);
    const beside = await made(folderOf(files));
    const bits = await bitsOf(list.outDir);
    for (const other of [folder, archive, beside]) {
      expect(other.masks).toEqual(unmasked);
      expect(await bitsOf(other.outDir)).toEqual(bits);
    }
    // Masks are no part of what a dataset is.
    const without = await made(shapesFolder);
    expect(without.masks).toBeNull();
    expect(folder.dataset).toBe(without.dataset);
    expect(folder.refused).toEqual(without.refused);
  });

  test('masks of classes without splits lie among them', async () => {
    const files = new Map<string, Buffer>();
    for (const [name, bytes] of filesIn(path.join(shapesFolder, 'train'))) files.set(name, bytes);
    for (const [name, bytes] of filesIn(path.join(masksFolder, 'train'))) {
      files.set(`masks/${name}`, bytes);
    }
    const found = await made(folderOf(files));
    expect(found.classes.map(({ name }) => name)).toEqual(['cross', 'disc', 'square', 'triangle']);
    expect((found.masks?.train ?? 0) + (found.masks?.validation ?? 0)).toBe(96);
  });
});

/** White where `inside`, black elsewhere. */
function picture(width: number, height: number, inside: (x: number, y: number) => boolean) {
  const data = Buffer.alloc(width * height);
  for (let i = 0; i < data.length; i += 1) {
    data[i] = inside(i % width, Math.floor(i / width)) ? 255 : 0;
  }
  return sharp(data, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
}

const side = 8;
const box = fc
  .record({
    left: fc.integer({ min: 0, max: 10 }),
    top: fc.integer({ min: 0, max: 6 }),
    width: fc.integer({ min: 1, max: 6 }),
    height: fc.integer({ min: 1, max: 6 }),
  })
  .map((each) => ({ ...each, width: Math.min(each.width, 12 - each.left) }))
  .map((each) => ({ ...each, height: Math.min(each.height, 8 - each.top) }));
type Box = Readonly<Record<'left' | 'top' | 'width' | 'height', number>>;

const voc = (boxes: readonly Box[], scale: number) =>
  `<annotation><size><width>${12 * scale}</width><height>${8 * scale}</height></size>${boxes
    .map(
      ({ left, top, width, height }) =>
        `<object><name>thing</name><bndbox><xmin>${left * scale + 1}</xmin><ymin>${top * scale + 1}</ymin><xmax>${(left + width) * scale}</xmax><ymax>${(top + height) * scale}</ymax></bndbox></object>`,
    )
    .join('')}</annotation>`;

/** How many pixels are drawn; those of more than `above` lie in a file meanwhile, which is gone then. */
async function drawnIn(content: Content, size: Size, above = 1e9): Promise<number> {
  const folder = temporary();
  const file = path.join(folder, 'room.v');
  const { inside, close } = await readDrawnMask(content, size, { above, folder, file });
  expect([above, existsSync(file)]).toEqual([above, above === 0]);
  let count = 0;
  for (let y = 0; y < size.height; y += 1) {
    for (let x = 0; x < size.width; x += 1) count += inside(x, y) ? 1 : 0;
  }
  await close?.();
  expect(existsSync(file)).toBe(false);
  return count;
}

test('boxes are one mask, drawn, as Pascal VOC has them and as COCO has them; it lies where its pixels went', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(box, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...(['crop', 'stretch', 'pad'] as const)),
      fc.constantFrom(2, 3),
      async (boxes, fit, scale) => {
        const [width, height] = [12 * scale, 8 * scale];
        const white = (x: number, y: number) =>
          boxes.some(
            (each) =>
              x >= each.left * scale &&
              x < (each.left + each.width) * scale &&
              y >= each.top * scale &&
              y < (each.top + each.height) * scale,
          );
        const drawn = await picture(width, height, white);
        const images = ['train/a/1.png', 'train/b/2.png', 'val/a/3.png'] as const;
        const source = folderOf(images.map((name) => [name, drawn] as const));
        const coco = path.join(temporary(), 'boxes.json');
        writeFileSync(
          coco,
          JSON.stringify({
            images: images.map((name, id) => ({ id, file_name: name, width, height })),
            annotations: images.flatMap((_, id) =>
              boxes.map((each) => ({
                image_id: id,
                bbox: [each.left, each.top, each.width, each.height].map((n) => n * scale),
              })),
            ),
          }),
        );
        const xml = (name: string) => [name.replace('.png', '.xml'), voc(boxes, scale)] as const;
        const ways = [
          folderOf(images.map((name) => [name, drawn] as const)),
          folderOf(images.map(xml)),
          coco,
        ];
        const results: { bits: unknown; outDir: string; dataset: string }[] = [];
        // Stretched by a whole number, each pixel of the store is one colour.
        const size = fit === 'stretch' ? 24 : side;
        for (const masks of ways) {
          const imported = await made(source, { masks, fit, size });
          const { outDir, dataset, masks: counts, refused } = imported;
          const none = { train: 0, validation: 0 };
          const left = counts ?? none;
          expect([counts === null, left.train + left.validation + refused.length]).toEqual([
            false,
            3,
          ]);
          results.push({ bits: await bitsOf(outDir), outDir, dataset });
        }
        for (const { bits } of results) expect(bits).toEqual(results[0]?.bits);
        if (fit !== 'crop') return;
        // 8 pixels of the shorter side from 8 * scale: a whole number of pixels each.
        const { outDir, dataset } = valueAt(results, 0);
        const { train } = await readStored({ dataset, datasetDir: outDir });
        const [mask] = await masksOf(outDir, 'train', [0]);
        const pixels = imageRange(train.images, 0, 1);
        const inner = unpackMask(mask ?? new Uint8Array(8), side * side);
        for (let i = 0; i < inner.length; i += 1) {
          const value = valueAt(pixels, 3 * i);
          // Antialiasing reaches over an edge; beyond it the two agree.
          if (value > 200) expect(inner[i]).toBe(1);
          if (value < 55) expect(inner[i]).toBe(0);
        }
      },
    ),
    { numRuns: 6 },
  );
}, 60_000);

test('of several objects those of the image’s class count', async () => {
  const image = await picture(16, 16, () => true);
  const object = (name: string, from: number) =>
    `<object><name>${name}</name><bndbox><xmin>${from}</xmin><ymin>1</ymin><xmax>${from + 7}</xmax><ymax>16</ymax></bndbox></object>`;
  const source = folderOf([
    ['dog/1.png', image],
    ['dog/2.png', image],
    ['cat/1.png', image],
    ['cat/2.png', image],
  ]);
  const both = `<annotation>${object('Dog', 1)}${object('person', 9)}</annotation>`;
  const masks = folderOf([
    ['dog/1.xml', both],
    ['dog/2.xml', both],
    ['cat/1.xml', both],
    ['cat/2.xml', both],
  ]);
  const { outDir, masks: counts } = await made(source, { masks, size: 16 });
  expect(counts).toEqual({ train: 2, validation: 2 });
  const count = async (index: number) =>
    unpackMask((await masksOf(outDir, 'train', [index]))[0] ?? new Uint8Array(32), 256).reduce(
      (sum, bit) => sum + bit,
      0,
    );
  // Training images by path: the cat's has no object of its class, so all of them count.
  expect([await count(0), await count(1)]).toEqual([256, 128]);
});

describe('what cannot be a mask', () => {
  const square = () => picture(16, 16, () => true);
  const source = async () =>
    folderOf([
      ['a/1.png', await square()],
      ['a/2.png', await square()],
      ['b/1.png', await square()],
      ['b/2.png', await square()],
    ]);

  test('is left out and listed, or refuses all where it is asked for', async () => {
    const xml = (content: string) => `<annotation>${content}</annotation>`;
    const bounds = (numbers: string) => {
      const [a, b, c, d] = numbers.split(' ');
      return `<object><bndbox><xmin>${a}</xmin><ymin>${b}</ymin><xmax>${c}</xmax><ymax>${d}</ymax></bndbox></object>`;
    };
    const reasons: [string, Buffer | string, RegExp][] = [
      ['a/1.png', await picture(17, 16, () => true), /of 17 × 16 pixels, and its image of 16 × 16/],
      ['a/1.png', await picture(16, 16, () => false), /there is no object in it/],
      ['a/1.png', Buffer.from('no picture'), /it is no PNG/],
      ['a/1.png', (await square()).subarray(0, 60), /truncated or damaged/],
      ['a/1.xml', 'no <xml', /it is no (XML|annotation)/],
      ['a/1.xml', '<html></html>', /its first element is html/],
      ['a/1.xml', xml(''), /it has no box/],
      ['a/1.xml', xml(bounds('5 5 3 8')), /its box .* has no area/],
      ['a/1.xml', xml(bounds('5 5 30 8')), /reaches out of the image of 16 × 16/],
      ['a/1.xml', xml(bounds('one 5 8 8')), /its xmin is "one", no number/],
      ['a/1.xml', xml('<object><name>a</name></object>'), /an object of it has no xmin/],
      ['a/1.xml', `<!DOCTYPE a [<!ENTITY b "1">]><annotation>&b;</annotation>`, /it is no XML/],
      ['c/9.png', await square(), /it is the mask of no image/],
      ['1.png', await square(), /it could be the mask of a\/1\.png and of b\/1\.png/],
      ['a/1.jpg', 'text', /it is no mask; accepted: PNG/],
    ];
    const images = await source();
    for (const [name, content, reason] of reasons) {
      const masks = folderOf([
        ['b/2.png', await square()],
        [name, content],
      ]);
      const { masks: counts, refused } = await made(images, { masks, size: 16 });
      expect([name, (counts?.train ?? 0) + (counts?.validation ?? 0)]).toEqual([name, 1]);
      expect(refused).toEqual([{ path: name, reason: expect.stringMatching(reason) }]);
    }
    const masks = folderOf([
      ['b/2.png', await square()],
      ['c/9.png', await square()],
    ]);
    expect((await refusal(images, { masks, strict: true })).message).toContain('c/9.png');
  });

  test('is refused before any work where none fits, or a list is no list', async () => {
    const images = await source();
    const none = await refusal(images, { masks: folderOf([['z/9.png', await square()]]) });
    expect(none.message).toContain('no mask of any image');
    const text = path.join(temporary(), 'boxes.txt');
    writeFileSync(text, 'boxes');
    expect((await refusal(images, { masks: text })).data).toMatchObject({ field: 'masks' });
    for (const [content, why] of [
      ['{', 'it is no JSON'],
      ['{"images": 3}', 'images'],
      [
        '{"images": [], "annotations": [{"image_id": 7, "bbox": [0, 0, 1, 1]}]}',
        'annotations.0.image_id is 7',
      ],
      ['{"images": [{"id": 1, "file_name": "a", "width": 0, "height": 1}]}', 'images.0.width'],
    ] as const) {
      const coco = path.join(temporary(), 'boxes.json');
      writeFileSync(coco, content);
      expect((await refusal(images, { masks: coco })).message).toContain(why);
    }
    const list = path.join(ownFolder, 'labels.csv');
    const twice = await refusal(list, { masks: masksFolder });
    expect(twice.message).toContain('a list that names masks itself');
  });
});

test('a mask that is left out takes no image’s name with it', async () => {
  const square = await picture(16, 16, () => true);
  const names = ['train/a/1.png', 'train/a/2.png', 'train/b/1.png', 'val/a/3.png'];
  const source = folderOf(names.map((name) => [name, square] as const));
  const empty = await picture(16, 16, () => false);
  const masks = folderOf([
    ['train/a/1.png', empty],
    ['train/a/2.png', square],
    // Lists of captions lie beside those of boxes.
    ['captions.json', '{"images": [], "annotations": [{"caption": "a"}]}'],
  ]);
  const { outDir, masks: counts, refused } = await made(source, { masks, size: 16 });
  expect(counts).toEqual({ train: 1, validation: 0 });
  expect(refused.map(({ path: file }) => file)).toEqual(['captions.json', 'train/a/1.png']);
  const kept = readFileSync(path.join(outDir, imageNamesFile), 'utf8').trimEnd().split('\n');
  expect(kept.map((line) => (JSON.parse(line) as string[])[1])).toEqual(names);
});

test('masks may lie in a folder of the folder or archive that is named, as one that was sent whole does', async () => {
  const square = await picture(16, 16, () => true);
  const names = ['train/a/1.png', 'train/b/1.png', 'val/a/2.png'];
  const source = folderOf(names.map((name) => [name, square] as const));
  const own = await made(source, { masks: folderOf([['a/2.png', square]]), size: 16 });
  expect(own.masks).toEqual({ train: 0, validation: 1 });
  const within = names.map((name) => [`my masks/drawn/${name}`, square] as const);
  const zip = await writeZipFile(path.join(temporary(), 'm.zip'), new Map(within));
  for (const masks of [folderOf(within), zip]) {
    const { masks: counts, refused } = await made(source, { masks, size: 16 });
    expect([counts, refused]).toEqual([{ train: 2, validation: 1 }, []]);
  }
});

test('a list takes the masks of a folder that holds nothing else', async () => {
  const square = await picture(16, 16, () => true);
  const files = ['1', '2', '3', '4'].map((name) => [`images/${name}.png`, square] as const);
  const list = 'path,label\nimages/1.png,a\nimages/2.png,a\nimages/3.png,b\nimages/4.png,b\n';
  const source = folderOf([...files, ['masks/1.png', square], ['list.csv', list]]);
  const { masks } = await made(source, { size: 16 });
  expect((masks?.train ?? 0) + (masks?.validation ?? 0)).toBe(1);
});

test('a file of masks that is damaged is noticed', async () => {
  const { outDir } = await made(shapesFolder, { masks: masksFolder });
  await verifyMasks(outDir);
  const place = path.join(outDir, masksFile);
  const whole = readFileSync(place);
  const flipped = Buffer.from(whole);
  flipped[700] = valueAt(flipped, 700) ^ 1;
  for (const [bytes, why] of [
    [flipped, 'SHA-256'],
    [whole.subarray(0, -1), 'bytes, not'],
    [Buffer.from('something else that is longer than its head'), 'begin'],
  ] as const) {
    writeFileSync(place, bytes);
    await expect(verifyMasks(outDir)).rejects.toThrow(why);
  }
});
