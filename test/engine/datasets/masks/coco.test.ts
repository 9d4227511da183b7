import { describe, expect, test } from 'vitest';
import { maxCocoBytes, readCoco } from '../../../../src/engine/datasets/masks/coco';

const images = [
  { id: 1, file_name: 'a\\1.png', width: 40, height: 30 },
  { id: 'two', file_name: './b/2.png', width: 4, height: 3 },
  { id: 3, file_name: 'none.png', width: 4, height: 3 },
];
const outline = [Array.from({ length: 200 }, (_, i) => i + 0.5)];
const annotations = [
  { segmentation: outline, image_id: 'two', bbox: [0, 1, 2, 2], category_id: 7 },
  { segmentation: { size: [30, 40], counts: 'x"]}\\' }, image_id: 1, bbox: [1, 2, 3, 4] },
  { image_id: 1, bbox: [5, 6, 7.5, 8], category_id: 8, keypoints: { images: [1], 'a"': [] } },
];
const categories = [{ id: 7, name: 'Katze ü' }];
const box = (name: string | null, [left, top, width, height]: number[]) => ({
  ...{ name, left, top, width, height },
});
const found = [
  ['b/2.png', { size: { width: 4, height: 3 }, boxes: [box('Katze ü', [0, 1, 2, 2])] }],
  [
    'a/1.png',
    {
      size: { width: 40, height: 30 },
      boxes: [box(null, [1, 2, 3, 4]), box(null, [5, 6, 7.5, 8])],
    },
  ],
];

async function* piecesOf(bytes: Uint8Array, length: number) {
  for (let at = 0; at < bytes.length; at += length) {
    yield await Promise.resolve(bytes.subarray(at, at + length));
  }
}
const read = async (content: Uint8Array | string, length = 1000) => {
  const boxed = await readCoco('boxes.json', piecesOf(Buffer.from(content), length));
  return [...boxed].map(([name, { size, boxes }]) => [name, { size, boxes }]);
};

describe('a list of boxes that would take all memory', () => {
  test.each([
    ['is nested', `{"info":${'['.repeat(100_000)}`, /nested more than 16 deep/],
    [
      'has an endless item',
      `{"annotations":{"0":[${'1,'.repeat(1_100_000)}`,
      /over 1,000,000 values/,
    ],
    ['has an endless text', `{"info":"${'x'.repeat(70 * 2 ** 20)}"}`, /over 64 MiB/],
  ])('is refused where it %s', async (_how, content, reason) => {
    await expect(read(content, 2 ** 18)).rejects.toThrow(reason);
  });
});

describe('a list of boxes, read as it comes', () => {
  const info = { info: { images: 1, annotations: [[]] }, licenses: [{ id: 1 }] };
  test.each([
    ['as COCO orders it', { ...info, images, annotations, categories }],
    ['with what it names behind it', { annotations, categories, images, ...info }],
  ])('is the same however it is cut: %s', async (_, list) => {
    for (const text of [JSON.stringify(list), `\n${JSON.stringify(list, null, 2)}\n\n`]) {
      for (const length of [7, 64, 1e6]) expect(await read(text, length)).toEqual(found);
      for (const wide of [
        Buffer.from(`\ufeff${text}`),
        Buffer.from(`\ufeff${text}`, 'utf16le'),
        Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
      ]) {
        expect(await read(wide)).toEqual(found);
      }
    }
  });

  test.each([
    ['', 'images: there is none'],
    ['{"images": [], "annotations": [', 'it is no JSON'],
    ['{"images": [], "annotations": []} {}', 'it is no JSON'],
    ['[]', 'images: there is none'],
    [JSON.stringify({ images }), 'annotations: there is none'],
    [JSON.stringify({ images, annotations: 3 }), 'annotations: there is none'],
    ['{"images": {"a": 1}, "annotations": []}', 'images: it is no list'],
    ['{"images": [1], "annotations": []}', 'images.0: '],
    ['{"images": [], "annotations": [{"caption": "a"}]}', 'annotations.0.image_id: '],
    ['{"images": [], "annotations": [{"image_id": 1, "bbox": [1, 2, 3]}]}', 'annotations.0.bbox'],
    ['{"images": [], "annotations": [{"image_id": 9, "bbox": [1, 2, 3, 4]}]}', 'no image of it'],
    [JSON.stringify({ images: [images[0], images[0]], annotations }), 'have the same id'],
    [Buffer.from('{"images": ["caf\xe9"]}', 'latin1'), 'its bytes are not UTF-8'],
  ])('is refused by its name where it is %j', async (content, why) => {
    await expect(read(content)).rejects.toThrow(/^boxes\.json is refused: /);
    await expect(read(content)).rejects.toThrow(why);
  });

  test('may be larger than what COCO publishes, and is given up in the middle', async () => {
    expect(maxCocoBytes).toBeGreaterThan(2 ** 30);
    const abort = new AbortController();
    async function* endless() {
      yield Buffer.from('{"images": [], "annotations": [');
      for (let i = 0; ; i += 1) {
        if (i === 20) abort.abort();
        yield await Promise.resolve(Buffer.from(`{"image_id": 1, "bbox": [1, 2, 3, ${i}]},`));
      }
    }
    const reading = readCoco('boxes.json', endless(), abort.signal);
    await expect(reading).rejects.toMatchObject({ data: { code: 'cancelled' } });
  });
});
