import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { encodePng } from '../../../src/engine/datasets/png';

test('an image comes back from its PNG as another program reads it', async () => {
  const shape = fc.tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
    fc.constantFrom(1, 3),
  );
  const image = shape.chain(([height, width, channels]) =>
    fc.record({
      shape: fc.constant([height, width, channels] as const),
      pixels: fc.uint8Array({
        minLength: height * width * channels,
        maxLength: height * width * channels,
      }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(image, async ({ shape: [height, width, channels], pixels }) => {
      const read = sharp(await encodePng(pixels, [height, width, channels]));
      if (channels === 1) read.toColourspace('b-w');
      const { data, info } = await read.raw().toBuffer({ resolveWithObject: true });
      expect([info.height, info.width, info.channels]).toEqual([height, width, channels]);
      expect(new Uint8Array(data)).toEqual(pixels);
    }),
    { numRuns: 60 },
  );
});
