import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UnreadableImage } from '../../../../src/engine/datasets/images/decode';
import { boxesMask } from '../../../../src/engine/datasets/masks/boxes';
import { readCoco } from '../../../../src/engine/datasets/masks/coco';
import { readPascalVoc } from '../../../../src/engine/datasets/masks/pascal-voc';
import { StudioError } from '../../../../src/shared/errors';

const runs = Number(process.env['SOAK_FILES'] ?? 500);
const size = { width: 40, height: 30 };
const box = '<xmin>1</xmin><ymin>2</ymin><xmax>9</xmax><ymax>12</ymax>';
const xml = `<?xml version="1.0"?><annotation><size><width>40</width><height>30</height><depth>3</depth></size><object><name>dog</name><bndbox>${box}</bndbox></object></annotation>`;
const json = JSON.stringify({
  images: [{ id: 1, file_name: 'a/1.png', ...size }],
  annotations: [{ image_id: 1, bbox: [0, 1, 8.5, 11], category_id: 3 }],
  categories: [{ id: 3, name: 'dog' }],
});

/** A text with pieces of it cut, doubled or changed. */
function broken(text: string): fc.Arbitrary<string> {
  const piece = fc.constantFrom('<', '>', '&lt;', '&#0;', '"', '}', ']', ',', '-1', '1e999', 'NaN');
  const change = fc.tuple(fc.nat(text.length), fc.nat(8), fc.oneof(piece, fc.string()));
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    let made = text;
    for (const [at, length, put] of changes)
      made = made.slice(0, at) + put + made.slice(at + length);
    return made;
  });
}

test('a broken annotation is a mask, or refused with a reason', () => {
  fc.assert(
    fc.property(broken(xml), (text) => {
      try {
        const { inside } = boxesMask(readPascalVoc(Buffer.from(text)), 'dog', size);
        expect(typeof inside(3, 4)).toBe('boolean');
      } catch (error) {
        expect(error).toBeInstanceOf(UnreadableImage);
        expect(String(error)).toMatch(/(it|its|an object of it) ./);
      }
    }),
    { numRuns: runs },
  );
});

/** Cut anywhere, as a disk or an archive hands it on. */
async function* cutAt(text: string, at: number) {
  const bytes = Buffer.from(text);
  yield await Promise.resolve(bytes.subarray(0, at));
  yield bytes.subarray(at);
}

test('a broken list of boxes is one, or refused by its name', async () => {
  await fc.assert(
    fc.asyncProperty(broken(json), fc.nat(json.length), async (text, at) => {
      try {
        for (const boxed of (await readCoco('boxes.json', cutAt(text, at))).values()) {
          expect(boxed.boxes.length).toBeGreaterThan(0);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(StudioError);
        expect(String(error)).toContain('boxes.json is refused: ');
      }
    }),
    { numRuns: runs },
  );
});
